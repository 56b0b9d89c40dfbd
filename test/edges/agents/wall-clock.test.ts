import { describe, expect, it } from 'vitest';
import { wallClockIn } from '../../../src/edges/agents/wall-clock.ts';

const NOW = new Date(2026, 10, 21, 17, 34, 20).getTime();
const at = (...[day, hour, minute]: [number, number, number]) =>
  new Date(2026, 10, day, hour, minute + 1).getTime();

describe('a time by the clock on the wall', () => {
  it.each([
    ['You’ve hit your usage limit. Upgrade to Pro or try again at 6:31 PM.', at(21, 18, 31)],
    ['Try again at 12:05 AM.', at(22, 0, 5)],
    ['Try again at 5:34 PM.', at(21, 17, 34)],
    ['Try again at 5:33 PM.', at(22, 17, 33)],
    ['Try again at Nov 24th, 2026 5:34 PM.', at(24, 17, 34)],
    ['Try again at November 1st, 2026 12:00 PM.', at(1, 12, 0)],
  ])('%s', (text, moment) => expect(wallClockIn(text, NOW)).toBe(moment));

  it.each(['try again later', 'at 25 PM', ''])('is not told by %j', (text) =>
    expect(wallClockIn(text, NOW)).toBeUndefined(),
  );
});
