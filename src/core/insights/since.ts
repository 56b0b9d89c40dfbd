import { parseInstant } from '../history/filter.ts';
import { parseDuration } from '../pipeline/duration.ts';
import { fail, ok, type Result } from '../result.ts';

/** The instant of `--since` in ms: a date or time as `history export` takes it, or a duration before `nowMs`. */
export function parseSince(text: string, nowMs: number): Result<number> {
  const duration = parseDuration(text);
  if (duration !== undefined) return ok(nowMs - duration);
  const instant = parseInstant(text, 'since');
  if (instant.ok) return instant;
  return fail({
    ...instant.error,
    message: `--since ${JSON.stringify(text.slice(0, 60))} is neither a date nor a duration`,
    hint: 'write it as 2026-02-24, 2026-02-24T10:00:00Z, 14d or 36h',
  });
}
