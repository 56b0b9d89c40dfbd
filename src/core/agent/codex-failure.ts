import { errorReason } from './error-reason.ts';
import type { AgentErrorReason } from './event.ts';
import { parseRecord, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';
import { isTold, type RetryTime, retryTimeIn, retryTimeOfBody } from './retry-time.ts';

const MAX_TEXT = 2_000;

/** Wording of codex's own (0.169.0), where it names no status; the first match counts. */
const WORDINGS: readonly (readonly [RegExp, AgentErrorReason])[] = [
  [/content.?filter|flagged (?:for|as)|cyber(?:security)? polic/i, 'refused'],
  // The other reasons for which an answer is left unfinished, such as its length.
  [/incomplete response returned/i, 'agent'],
  [/at capacity/i, 'overloaded'],
  [/^Quota exceeded\b|to use codex with your \S+ plan/i, 'billing'],
  // Said of every 5xx that is not an overload.
  [/high demand|stream disconnected|error sending request|request timed out/i, 'unavailable'],
  [/missing environment variable|not signed in|log ?in again|refresh token|sign in/i, 'auth'],
];

export interface CodexFailure {
  readonly reason: AgentErrorReason;
  readonly status?: number;
  readonly text: string;
  /** When the service will answer again, where it said so. */
  readonly retry?: RetryTime;
}

/** The moment, in ms since the epoch, that a text names by a clock on the wall: "try again at 6:31 PM". */
export type WallClock = (text: string) => number | undefined;

/** Why a turn of codex failed: its message holds the HTTP status in words, or the body that the service sent. */
export function codexFailure(message: string, wallClock: WallClock = () => undefined): CodexFailure {
  const body = parseRecord(message);
  const text = textOf(recordOf(body?.['error'])?.['message']) ?? message;
  // A body without a status is that of a request that the service called wrong.
  const named = /\bstatus:? (\d{3})\b/.exec(message)?.[1];
  const status = named === undefined ? (body === undefined ? undefined : 400) : Number(named);
  const at = wallClock(text);
  const told = body === undefined ? retryTimeIn(text) : retryTimeOfBody(body);
  const retry = isTold(told) || at === undefined ? told : { retryAt: at };
  const worded = WORDINGS.find(([pattern]) => pattern.test(text))?.[1];
  return {
    reason: status === undefined && worded !== undefined ? worded : errorReason(status, text),
    ...(status === undefined ? {} : { status }),
    text: shorten(text, MAX_TEXT),
    ...(isTold(retry) ? { retry } : {}),
  };
}
