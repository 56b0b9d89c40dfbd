import type { AgentOrder } from '../../engine/ports.ts';
import type { SuperviseResult } from '../process/supervise.ts';
import type { CliResult, Ending } from './cli-agent-definition.ts';
import { cliOutcome } from './cli-outcome.ts';

/** Warnings, and notes that codex makes for its own developers. */
const NOISE = /^(?:warning:|\d{4}-\d\d-\d\dT\S+\s+(?:ERROR|WARN|INFO)\b)/i;

/**
 * How a session of codex ended. Its turn is what counts: a failed one says why. What goes wrong before a turn is said
 * on standard error only, among warnings that say nothing about it.
 */
export function codexOutcome(
  order: AgentOrder,
  end: SuperviseResult,
  result: CliResult | undefined,
  errors: string,
): Ending {
  const lines = errors.split('\n').filter((line) => !NOISE.test(line));
  return cliOutcome(order, end, result, lines.join('\n').trim());
}
