import type { AgentErrorReason } from './event.ts';

/** Wording by which agents name a failure when they give no status; the first match counts. */
const WORDINGS: readonly (readonly [RegExp, AgentErrorReason])[] = [
  [/prompt is too long|context (?:length|window)|maximum context|too many tokens/i, 'context'],
  [
    /not logged in|please run \/login|(?:invalid|incorrect) (?:x-)?api.?key|no auth credentials|authentication|unauthori[sz]ed|oauth token/i,
    'auth',
  ],
  [/usage limit|rate.?limit|quota|too many requests|limit reached|resource.?exhausted/i, 'quota'],
  [/overloaded|at capacity/i, 'overloaded'],
  [/usage policy|refusal|refused to (?:answer|respond)/i, 'refused'],
  [
    /connection|network|econn|enotfound|eai_again|socket|timed? ?out|timeout|fetch failed|unable to connect|(?:^|: )terminated$|(?:empty|malformed) response/i,
    'unavailable',
  ],
];

/** A limit that no time lifts: somebody has to pay first. A plan that is named beside a limit is no bill. */
const UNPAID =
  /credit balance|insufficient.?(?:quota|funds|balance|credits?|\w+_credits_balance)|billing_(?:error|disabled|hard_limit_reached)|requires billing|payment required|out of credits|usage_not_included|quota exceeded\. check your plan and billing/i;

/**
 * Why a model service failed, from its HTTP status and its wording.
 *
 * @param details more of the service's own words, such as the body of its answer; they count for what is unpaid only
 */
export function errorReason(status: number | undefined, message: string, details = ''): AgentErrorReason {
  if (status === 402) return 'billing';
  const isClientError = status === undefined || (status >= 400 && status < 500);
  if (isClientError && (UNPAID.test(message) || UNPAID.test(details))) return 'billing';
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'quota';
  if (status === 503 || status === 529) return 'overloaded';
  if (status === 413) return 'context';
  if (status !== undefined && status >= 500) return 'unavailable';
  const worded = WORDINGS.find(([pattern]) => pattern.test(message))?.[1];
  // A request that was answered with a client error did reach the service.
  if (status !== undefined && worded === 'unavailable') return 'agent';
  return worded ?? 'agent';
}

/** Whether the service, or the agent itself, knows no model of that name: nobody but the user can mend it. */
export function isUnknownModel(message: string): boolean {
  return /issue with the selected model|\bmodels?\b[^\n]{0,120}(?:does not exist|may not exist|(?:is|was) not (?:found|supported)|not found|unknown)|(?:unknown|invalid|no such) model\b|model_?not_?found/i.test(
    message,
  );
}
