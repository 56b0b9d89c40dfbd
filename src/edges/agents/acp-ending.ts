import { type AcpFailure, stopFailure } from '../../core/agent/acp-failure.ts';
import { errorReason, isUnknownModel } from '../../core/agent/error-reason.ts';
import { shorten } from '../../core/agent/plain-text.ts';
import type { RetryTime } from '../../core/agent/retry-time.ts';
import type { AgentOrder, AgentOutcome } from '../../engine/ports.ts';
import type { SuperviseResult } from '../process/supervise.ts';
import type { AcpEnd } from './acp-end.ts';
import { ownStop } from './own-stop.ts';

export interface AcpCircumstances {
  /** Why the turn was ended by us, if it was: a question, too many rounds of tools, or a model that does not answer. */
  readonly stopped: 'question' | 'turn-limit' | AcpFailure | undefined;
  /** What the agent was about when it fell silent: its model had failed, and it waited to ask it again. */
  readonly pending: AcpFailure | undefined;
  /** Why its turn failed, if it failed, as it told it besides the protocol. */
  readonly final: AcpFailure | undefined;
  /** When its service returns, as it told it besides the protocol. */
  readonly returns: RetryTime;
  readonly wasCancelled: boolean;
  /** Whether the agent did or said anything. */
  readonly isActive: boolean;
  /** The end of what it printed besides the protocol, without secrets. */
  readonly printed: string;
  readonly commandLine: string;
}

/** How it ended, for people and for what follows. */
export type AcpEnding = Pick<AgentOutcome, 'outcome' | 'message' | 'silentMs'> & {
  /** The error that is told as an event, with the time at which the service returns. */
  readonly failure?: AcpFailure;
};

/**
 * How an attempt ended. What we did goes before what the agent said, and what it said in the protocol before how its
 * process ended: it is ended by us once its turn is over.
 */
export function acpEnding(
  order: Pick<AgentOrder, 'maxTurns' | 'timeoutMs' | 'stallTimeoutMs'>,
  end: AcpEnd,
  child: SuperviseResult,
  about: AcpCircumstances,
): AcpEnding {
  const { stopped, commandLine } = about;
  if (stopped === 'question') return { outcome: 'ok' };
  if (stopped === 'turn-limit')
    return { outcome: 'turn-limit', message: `more than ${order.maxTurns} rounds of tools in one turn` };
  if (stopped !== undefined && !about.wasCancelled) return ofFailure(stopped);
  // A flood is ended before all of it was looked at.
  const isFlood = child.cause === 'output-limit' && end.kind === 'gone' && !end.wasPrompted;
  if (end.kind === 'foreign' || isFlood)
    return unusable(`${commandLine} does not speak the Agent Client Protocol`, about);
  const isDone = end.kind === 'answered' && !end.wasCut && end.stopReason !== 'cancelled';
  if (!isDone && (about.wasCancelled || child.cause !== 'cancelled')) {
    const own = ownStop(order, child);
    if (own?.outcome === 'stalled' && about.pending !== undefined) return ofFailure(about.pending);
    if (own !== undefined) return own;
  }
  switch (end.kind) {
    case 'answered':
      return answered(end.stopReason, about.isActive);
    case 'failed':
      return failed(end.failure, end.wasPrompted, about);
    case 'silent':
      return unusable(
        `${commandLine} did not answer in the Agent Client Protocol within ${end.seconds} s`,
        about,
      );
    case 'unusable':
      return { outcome: 'spawn-error', message: end.message };
    case 'introduced':
      return { outcome: 'ok' };
    case 'gone':
      return gone(child, end.wasPrompted, about);
  }
}

function ofFailure(failure: AcpFailure): AcpEnding {
  // It stays unknown: another attempt would be for nothing. Gemini CLI calls it an error 500.
  const isVague = failure.reason === 'agent' || failure.reason === 'unavailable';
  if (isVague && isUnknownModel(failure.message))
    return {
      outcome: 'spawn-error',
      message: `the model is not to be had (${failure.message}); name another with --model, or in the agent's own settings`,
      failure,
    };
  return { outcome: failure.reason, message: failure.message, failure };
}

function unusable(message: string, about: AcpCircumstances): AcpEnding {
  return { outcome: 'spawn-error', message: withPrinted(message, about) };
}

function answered(stopReason: string | undefined, isActive: boolean): AcpEnding {
  const failure = stopFailure(stopReason);
  if (failure !== undefined) return ofFailure(failure);
  // Some agents end their turn like this when their model refused the key.
  if (!isActive)
    return { outcome: 'no-result', message: 'the agent ended its turn without doing or saying anything' };
  return { outcome: 'ok' };
}

function failed(failure: AcpFailure, wasPrompted: boolean, about: AcpCircumstances): AcpEnding {
  if (wasPrompted) return ofFailure(about.final ?? { ...about.returns, ...failure });
  if (failure.reason !== 'agent') return ofFailure(failure);
  return unusable(`${about.commandLine} opened no session: ${failure.message}`, about);
}

function gone(child: SuperviseResult, wasPrompted: boolean, about: AcpCircumstances): AcpEnding {
  const how = child.signal === null ? `exit code ${child.exitCode}` : `ended by signal ${child.signal}`;
  if (wasPrompted || child.signal !== null) return { outcome: 'crashed', message: withPrinted(how, about) };
  const reason = errorReason(undefined, about.printed);
  if (reason === 'auth' || reason === 'quota' || reason === 'billing')
    return { outcome: reason, message: withPrinted(how, about) };
  return unusable(`${about.commandLine} ended (${how}) before it spoke the Agent Client Protocol`, about);
}

function withPrinted(message: string, { printed }: AcpCircumstances): string {
  return printed === ''
    ? `${message}; it printed nothing`
    : `${message}; it printed: ${shorten(printed, 600)}`;
}
