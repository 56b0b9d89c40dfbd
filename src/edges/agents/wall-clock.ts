const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * The moment that "try again at 6:31 PM" or "at Nov 24th, 2026 5:34 PM" means on this machine, in ms since the epoch:
 * the end of that minute. A time without a day is the next one.
 */
export function wallClockIn(text: string, now: number): number | undefined {
  const named =
    /\bat (?:([A-Z][a-z]{2})[a-z]* (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}),? (?:at )?)?(\d{1,2}):(\d{2}) ?([AP])M\b/i.exec(
      text,
    );
  if (named === null) return undefined;
  const [, month, day, year, hour, minute, half] = named;
  const hours = (Number(hour) % 12) + (half?.toLowerCase() === 'p' ? 12 : 0);
  const today = new Date(now);
  const at =
    month === undefined
      ? new Date(today.getFullYear(), today.getMonth(), today.getDate(), hours, Number(minute) + 1)
      : new Date(Number(year), MONTHS.indexOf(month.toLowerCase()), Number(day), hours, Number(minute) + 1);
  if (month === undefined && at.getTime() <= now) at.setDate(at.getDate() + 1);
  return Number.isFinite(at.getTime()) ? at.getTime() : undefined;
}
