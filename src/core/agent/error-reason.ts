import type { AgentErrorReason } from './event.ts';

/** Wording by which agents name a failure when they give no status; the first match counts. */
const WORDINGS: readonly (readonly [RegExp, AgentErrorReason])[] = [
  [/prompt is too long|context (?:length|window)|maximum context|too many tokens/i, 'context'],
  [
    /not logged in|please run \/login|invalid (?:x-)?api.?key|authentication|unauthori[sz]ed|oauth token/i,
    'auth',
  ],
  [/credit balance|usage limit|rate.?limit|quota|too many requests|limit reached/i, 'quota'],
  [/overloaded/i, 'overloaded'],
  [/usage policy|refusal|refused to (?:answer|respond)/i, 'refused'],
  [
    /connection|network|econn|enotfound|eai_again|socket|timed? ?out|timeout|fetch failed|unable to connect|(?:empty|malformed) response/i,
    'unavailable',
  ],
];

/** Why a model service failed, from its HTTP status and its wording. */
export function errorReason(status: number | undefined, message: string): AgentErrorReason {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429 || status === 402) return 'quota';
  if (status === 503 || status === 529) return 'overloaded';
  if (status === 413) return 'context';
  if (status !== undefined && status >= 500) return 'unavailable';
  const worded = WORDINGS.find(([pattern]) => pattern.test(message))?.[1];
  // A request that was answered with a client error did reach the service.
  if (status !== undefined && worded === 'unavailable') return 'agent';
  return worded ?? 'agent';
}
