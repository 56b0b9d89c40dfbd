import { Cron } from 'croner';
import { nearestTo } from '../nearest.ts';
import type { Schedule } from '../pipeline/definition.ts';
import { fail, ok, type Result } from '../result.ts';
import { zoneProblem } from './zone.ts';

/** A schedule that can be walked. */
export interface ReadCron {
  readonly cron: Cron;
  /** Its hour is `*`: it means every hour that passes, not certain hours of the clock. */
  readonly everyHour: boolean;
}

const ALIASES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** Reads the five fields of POSIX, with names of months and days, or an alias. The error is a message for people. */
export function readCron({ cron: text, timezone }: Schedule): Result<ReadCron, string> {
  const zone = zoneProblem(timezone);
  if (zone !== undefined) return fail(zone);
  const fields = fieldsOf(text);
  if (!fields.ok) return fields;
  try {
    const cron = new Cron(fields.value.join(' '), { timezone, mode: '5-part', paused: true });
    return ok({ cron, everyHour: ['*', '*/1'].includes(fields.value[1] ?? '') });
  } catch (error) {
    return fail(`"${text}" is no schedule: ${reasonOf(error)}`);
  }
}

function fieldsOf(text: string): Result<readonly string[], string> {
  const trimmed = text.trim();
  if (trimmed.startsWith('@')) return aliased(trimmed);
  const fields = trimmed.split(/\s+/);
  if (fields.length !== 5)
    return fail(
      `"${text}" is no schedule: write five fields, minute hour day month weekday, such as "30 4 * * 1-5"`,
    );
  // What else the parser knows is either not portable or, like "?", asks for the time of day at which it is read.
  const odd = fields.find((field) => !/^(?:[0-9*,/-]|[a-z]{3}(?![a-z]))+$/i.test(field));
  if (odd !== undefined)
    return fail(`"${text}" is no schedule: "${odd}" is not made of numbers, names, "*", ",", "-" and "/"`);
  return ok(fields);
}

function aliased(alias: string): Result<readonly string[], string> {
  const fields = Object.hasOwn(ALIASES, alias) ? ALIASES[alias] : undefined;
  if (fields !== undefined) return ok(fields.split(' '));
  const meant = nearestTo(alias, Object.keys(ALIASES)) ?? '@daily';
  return fail(`"${alias}" is no schedule: did you mean "${meant}"?`);
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const bare = message.replace(/^Cron\w*: /, '');
  return bare.slice(0, 1).toLowerCase() + bare.slice(1).replace(/\.$/, '');
}
