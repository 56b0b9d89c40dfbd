import type { AgentOrder } from '../../engine/ports.ts';
import type { SuperviseResult } from '../process/supervise.ts';
import type { CliResult, Ending } from './cli-agent-definition.ts';
import { cliOutcome } from './cli-outcome.ts';

/**
 * How a session of opencode ended. It has no line for that, so that the last step is what counts: one that was in the
 * middle of its work when the process ended is no result.
 */
export function opencodeOutcome(
  order: AgentOrder,
  end: SuperviseResult,
  result: CliResult | undefined,
  errors: string,
): Ending {
  const isKilled = end.cause === 'exited' && end.signal !== null;
  // What went wrong before is told by an error; a step that was merely cut off by a crash says nothing.
  return cliOutcome(order, end, isKilled && result?.reason === 'agent' ? undefined : result, errors);
}
