import { MINIMUMS } from './minimums.ts';
import { wilsonInterval } from './wilson.ts';

/** Successes among cases. The rate and its Wilson 95% interval (0..1) are absent where there are too few cases. */
export interface Rate {
  readonly successes: number;
  readonly of: number;
  readonly enough: boolean;
  readonly rate?: number;
  readonly low?: number;
  readonly high?: number;
}

export function rateOf(successes: number, of: number, minimum: number = MINIMUMS.rate): Rate {
  if (of < minimum || of === 0) return { successes, of, enough: false };
  return { successes, of, enough: true, rate: successes / of, ...wilsonInterval(successes, of) };
}
