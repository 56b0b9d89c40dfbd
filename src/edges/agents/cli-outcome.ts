import { errorReason, isUnknownModel } from '../../core/agent/error-reason.ts';
import type { AgentOrder } from '../../engine/ports.ts';
import type { SuperviseResult } from '../process/supervise.ts';
import type { CliResult, Ending } from './cli-agent-definition.ts';
import { ownStop } from './own-stop.ts';

/**
 * How a session ended. The exit code alone is never trusted: success is exit code zero, a result that says so,
 * and that we did not stop it. `errors` is the end of standard error. Right for agents that end
 * their stream with a result and exit with zero only then.
 */
export function cliOutcome(
  order: AgentOrder,
  end: SuperviseResult,
  result: CliResult | undefined,
  errors: string,
): Ending {
  const stopped = ownStop(order, end);
  if (stopped !== undefined) return stopped;
  if (result !== undefined && !result.ok) return failed(order, result);
  const how = end.signal === null ? `exit code ${end.exitCode}` : `ended by signal ${end.signal}`;
  if (end.exitCode === 0) {
    if (result !== undefined) return { outcome: 'ok' };
    return { outcome: 'no-result', message: 'the agent exited without a result' };
  }
  if (result !== undefined) return { outcome: 'crashed', message: `${how} after a result` };
  // What goes wrong before the first request is said on standard error only.
  const reason = end.signal === null ? errorReason(undefined, errors) : 'agent';
  const message = errors === '' ? how : `${how}: ${errors}`;
  return {
    outcome: reason === 'auth' || reason === 'quota' || reason === 'billing' ? reason : 'crashed',
    message,
  };
}

/** A model that nobody knows stays unknown: as with a program that does not start, another attempt would be for nothing. */
function failed({ model }: AgentOrder, { reason = 'agent', text }: CliResult): Ending {
  if (reason !== 'agent' || !isUnknownModel(text)) return { outcome: reason, message: text };
  const which = model === undefined ? 'the model of its own settings' : `the model ${model}`;
  return {
    outcome: 'spawn-error',
    message: `${which} is not to be had (${text}); name another with --model, or in the agent's file`,
  };
}
