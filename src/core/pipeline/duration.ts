const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ZERO = 48;
const NINE = 57;

/** Longer than any pipeline lives, and far below the last time that a calendar holds. */
export const LONGEST_DURATION = '36500d';
const LONGEST_MS = 36_500 * 86_400_000;

/**
 * Milliseconds of `30m`, `90s`, `1h30m`, `2d`; undefined for anything else, a bare number, 0 and more than
 * `LONGEST_DURATION` included (spec: pipelines 1).
 */
export function parseDuration(text: string): number | undefined {
  let total = 0;
  let from = 0;
  // By hand: a file may hold one for each of very many stages.
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) continue;
    const unit = text.charAt(at);
    const ms = Object.hasOwn(UNIT_MS, unit) ? UNIT_MS[unit] : undefined;
    if (ms === undefined || at === from) return undefined;
    total += Number(text.slice(from, at)) * ms;
    from = at + 1;
  }
  return from > 0 && from === text.length && total > 0 && total <= LONGEST_MS ? total : undefined;
}

/** The same of what may be absent. */
export function optionalDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

/** The same of a time to wait, which may be none: `0s`. */
export function parseWait(text: string): number | undefined {
  return /^0[smhd]$/.test(text) ? 0 : parseDuration(text);
}
