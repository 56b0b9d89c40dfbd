import { stopFailure } from '../../core/agent/acp-failure.ts';
import { errorReason } from '../../core/agent/error-reason.ts';
import { shorten } from '../../core/agent/plain-text.ts';
import type { AgentOrder, AgentOutcome } from '../../engine/ports.ts';
import type { SuperviseResult } from '../process/supervise.ts';
import type { AcpEnd } from './acp-end.ts';
import { ownStop } from './own-stop.ts';

export interface AcpCircumstances {
  /** Why the turn was cancelled by us, if it was. */
  readonly stopped: 'question' | 'turn-limit' | undefined;
  readonly wasCancelled: boolean;
  /** Whether the agent did or said anything. */
  readonly isActive: boolean;
  /** The end of what it printed besides the protocol, without secrets. */
  readonly printed: string;
  readonly commandLine: string;
}

/** How it ended, for people and for what follows. */
export type AcpEnding = Pick<AgentOutcome, 'outcome' | 'message' | 'silentMs'>;

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
  if (about.stopped === 'question') return { outcome: 'ok' };
  if (about.stopped === 'turn-limit')
    return { outcome: 'turn-limit', message: `more than ${order.maxTurns} tool calls in one turn` };
  const isDone = end.kind === 'answered' && end.stopReason !== 'cancelled';
  if (about.wasCancelled || (!isDone && child.cause !== 'cancelled')) {
    const stopped = ownStop(order, child);
    if (stopped !== undefined) return stopped;
  }
  switch (end.kind) {
    case 'answered':
      return answered(end.stopReason, about.isActive);
    case 'failed':
      if (!end.wasPrompted && end.failure.reason === 'agent')
        return {
          outcome: 'spawn-error',
          message: withPrinted(`${about.commandLine} opened no session: ${end.failure.message}`, about),
        };
      return { outcome: end.failure.reason, message: end.failure.message };
    case 'silent':
      return {
        outcome: 'spawn-error',
        message: withPrinted(
          `${about.commandLine} did not answer in the Agent Client Protocol within ${end.seconds} s`,
          about,
        ),
      };
    case 'unusable':
      return { outcome: 'spawn-error', message: end.message };
    case 'introduced':
      return { outcome: 'ok' };
    case 'gone':
      return gone(child, end.wasPrompted, about);
  }
}

function answered(stopReason: string | undefined, isActive: boolean): AcpEnding {
  const failure = stopFailure(stopReason);
  if (failure !== undefined) return { outcome: failure.reason, message: failure.message };
  // Some agents end their turn like this when their model refused the key.
  if (!isActive)
    return { outcome: 'no-result', message: 'the agent ended its turn without doing or saying anything' };
  return { outcome: 'ok' };
}

function gone(child: SuperviseResult, wasPrompted: boolean, about: AcpCircumstances): AcpEnding {
  const how = child.signal === null ? `exit code ${child.exitCode}` : `ended by signal ${child.signal}`;
  if (wasPrompted || child.signal !== null) return { outcome: 'crashed', message: withPrinted(how, about) };
  const reason = errorReason(undefined, about.printed);
  if (reason === 'auth' || reason === 'quota') return { outcome: reason, message: withPrinted(how, about) };
  const message = `${about.commandLine} ended (${how}) before it spoke the Agent Client Protocol`;
  return { outcome: 'spawn-error', message: withPrinted(message, about) };
}

function withPrinted(message: string, { printed }: AcpCircumstances): string {
  return printed === ''
    ? `${message}; it printed nothing`
    : `${message}; it printed: ${shorten(printed, 600)}`;
}
