import type { RunEventBody } from '../core/run/event.ts';
import { optional } from './agent-choice.ts';
import type { AgentOutcome } from './ports.ts';

type Generated = Extract<RunEventBody, { type: 'attempt.generated' }>;

/** What is recorded of how an attempt was made, by an agent or a command. */
export function attemptSummary(
  end: Omit<AgentOutcome, 'outcome' | 'text'> & { readonly outcome: string },
): Omit<Generated, 'type' | 'stage' | 'frame' | 'attempt'> {
  const { outcome, message, exitCode, sessionId, model, agentVersion, usage, silentMs, retryAt } = end;
  return {
    outcome,
    ...optional('message', message),
    ...optional('exitCode', exitCode),
    ...optional('sessionId', sessionId),
    ...optional('model', model),
    ...optional('agentVersion', agentVersion),
    ...optional('usage', usage === undefined ? undefined : { ...usage }),
    ...optional('silentMs', silentMs),
    ...optional('retryAt', retryAt),
  };
}
