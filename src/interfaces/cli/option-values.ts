import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../core/pipeline/duration.ts';

/** An object with the key, or without it where nothing was given. */
export function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

/** US dollars to integer micro-USD. */
export function amount(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('it takes an amount in US dollars above 0, such as 2.50');
  }
  return Math.round(Number(text) * 1e6);
}

/** A whole number above 0. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('it takes a whole number above 0');
  return Number(text);
}

/** A duration with its unit, to ms. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('it takes a duration with its unit, such as 90s, 30m or 1h30m');
  return ms;
}
