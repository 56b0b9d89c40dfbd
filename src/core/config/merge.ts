import type * as z from 'zod';
import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';

/**
 * A configuration from a file that may hold only part of it: what is missing comes from the schema's defaults, also
 * inside objects. All things wrong with it are named in one problem, by their dotted path.
 */
export function mergeWithDefaults<S extends z.ZodType>(schema: S, partial: unknown): Result<z.output<S>> {
  const defaults: unknown = schema.parse({});
  const parsed = schema.safeParse(merge(defaults, partial));
  return parsed.success ? ok(parsed.data) : fail(problemOf(parsed.error));
}

function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlainObject(base) || !isPlainObject(over)) return over;
  // Object.fromEntries defines keys, so a `__proto__` in a file is an unknown key and nothing more.
  return Object.fromEntries([
    ...Object.entries(base).map(([key, value]) => [
      key,
      merge(value, Object.hasOwn(over, key) ? over[key] : undefined),
    ]),
    ...Object.entries(over).filter(([key]) => !Object.hasOwn(base, key)),
  ]);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemOf(error: z.ZodError): Problem {
  const lines = error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  return {
    code: 'bad-config',
    message: lines.join('; '),
    hint: 'set the key anew, or reset the file to its defaults',
  };
}
