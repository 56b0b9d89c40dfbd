import { type JsonRecord, numberOf, recordOf, textOf } from './json-field.ts';

/** When a service will answer again: in ms since the epoch, or in ms from when it said so. Empty: it did not say. */
export interface RetryTime {
  readonly retryAt?: number;
  readonly retryAfterMs?: number;
}

/** Longer than any service shuts anybody out; what is beyond is no time. */
const LONGEST_MS = 62 * 24 * 3_600_000;

/** What an error says in words: "try again in 1m20.5s", "retry after 7s", `"resets_at":1795282868`, "limit reached|1795282868". */
export function retryTimeIn(text: string): RetryTime {
  const epoch = /limit reached\|(\d{10})\b|"resets?_?at"\s*:\s*(\d{10})\b/i.exec(text);
  if (epoch !== null) return { retryAt: Number(epoch[1] ?? epoch[2]) * 1000 };
  const named = /"(?:resets_in_seconds|retry_after)"\s*:\s*(\d+(?:\.\d+)?)/.exec(text)?.[1];
  if (named !== undefined) return after(Number(named) * 1000);
  const words =
    /(?:try again|retry|available again|resets?)(?: (?:in|after)|Delay"\s*:\s*")\s*((?:\d+(?:\.\d+)?\s*(?:days?|hours?|minutes?|seconds?|milliseconds?|ms|[dhms])\s*)+)/i.exec(
      text,
    )?.[1];
  return words === undefined ? {} : after(spanMs(words));
}

/** What the headers of an answer say; `now` of the service itself, where they tell it. */
export function retryTimeOfHeaders(headers: JsonRecord | undefined): RetryTime {
  const named = new Map(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), textOf(value) ?? ''] as const),
  );
  const milliseconds = Number.parseFloat(named.get('retry-after-ms') ?? '');
  if (Number.isFinite(milliseconds)) return after(milliseconds);
  const header = (named.get('retry-after') ?? '').trim();
  if (/^\d+(?:\.\d+)?$/.test(header)) return after(Number(header) * 1000);
  const at = header === '' ? Number.NaN : Date.parse(header);
  if (Number.isFinite(at)) return { retryAt: at };
  return latestReset(named);
}

/** A limit that is used up has nothing remaining; of several the last to come back counts. */
function latestReset(headers: ReadonlyMap<string, string>): RetryTime {
  let latest: number | undefined;
  for (const [name, value] of headers) {
    if (!/^anthropic-ratelimit-.*reset$/.test(name)) continue;
    const isUsedUp =
      headers.get(name.replace(/reset$/, 'remaining')) === '0' ||
      headers.get(name.replace(/reset$/, 'status')) === 'rejected';
    const at = /^\d{10}$/.test(value) ? Number(value) * 1000 : Date.parse(value);
    if (isUsedUp && Number.isFinite(at)) latest = Math.max(latest ?? at, at);
  }
  return latest === undefined ? {} : { retryAt: latest };
}

/** The body of an answer, as text or read. */
export function retryTimeOfBody(body: unknown): RetryTime {
  const error = recordOf(recordOf(body)?.['error']) ?? recordOf(body);
  const at = numberOf(error?.['resets_at']);
  if (at !== undefined) return { retryAt: at * 1000 };
  return retryTimeIn(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
}

export function isTold({ retryAt, retryAfterMs }: RetryTime): boolean {
  return retryAt !== undefined || retryAfterMs !== undefined;
}

function after(milliseconds: number): RetryTime {
  return milliseconds >= 0 && milliseconds <= LONGEST_MS ? { retryAfterMs: Math.ceil(milliseconds) } : {};
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function spanMs(words: string): number {
  let sum = 0;
  for (const [, amount, unit = ''] of words.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const short = /^m(?:s$|illi)/i.test(unit) ? 'ms' : unit.slice(0, 1).toLowerCase();
    sum += Number(amount) * (UNITS[short] ?? 0);
  }
  return sum;
}
