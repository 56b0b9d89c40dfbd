import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';
import { type Reference, writtenReference } from './reference.ts';
import { badReference, type Lookup, literalBrace, missingValue, withParts } from './substitute.ts';
import { type PlacedReference, referencesIn, type TemplateError } from './template.ts';

/** A command for the shell whose values are in its environment. */
export interface PreparedCommand {
  readonly commandLine: string;
  readonly env: Readonly<Record<string, string>>;
}

// Linux takes at most 128 kB for one `NAME=value`; room is left for the name.
const MAX_VALUE_BYTES = 127 * 1024;

/**
 * A command line in which every reference is an environment variable that the shell expands (spec: pipelines 4), in
 * double quotes wherever the shell would split it: whatever a value holds stays one word of data. What a program does
 * with its arguments is beyond it: `eval`, `sh -c` and a leading `-` mean to them what they always mean.
 * Problems: `bad-reference`, `unsafe-reference`, `missing-value`, `unusable-value`.
 */
export function commandWithVariables(run: string, lookup: Lookup): Result<PreparedCommand> {
  const { references, escapes } = referencesIn(run);
  const [error] = commandErrors(run);
  if (error !== undefined)
    return fail({ ...badReference(error), code: error.unsafe ? 'unsafe-reference' : 'bad-reference' });
  const names = new Map<string, string>();
  const env: Record<string, string> = {};
  const parts = escapes.map(literalBrace);
  for (const { reference, offset, length, quoted } of references) {
    const written = writtenReference(reference);
    const name = names.get(written) ?? environmentName(reference, env);
    if (!names.has(written)) {
      const value = lookup(reference);
      if (value === undefined) return fail(missingValue(reference));
      const unusable = unusableInEnvironment(value, written);
      if (unusable !== undefined) return fail(unusable);
      names.set(written, name);
      env[name] = value;
    }
    parts.push({ offset, length, text: quoted === 'none' ? `"\${${name}}"` : `\${${name}}` });
  }
  return ok({ commandLine: withParts(run, parts), env });
}

/**
 * What is wrong with the text of a command, in its order: malformed references, and those that stand where a value
 * could not stay data. To be reported when a pipeline is created.
 */
export function commandErrors(run: string): readonly (TemplateError & { readonly unsafe: boolean })[] {
  const { references, errors } = referencesIn(run);
  const unsafe = references.flatMap((placed) => {
    const message = whyUnsafe(placed);
    if (message === undefined) return [];
    const { offset, length } = placed;
    return [{ message, offset, length, hint: howElse(placed), unsafe: true }];
  });
  return [...errors.map((error) => ({ ...error, unsafe: false })), ...unsafe].sort(
    (a, b) => a.offset - b.offset,
  );
}

function whyUnsafe({ reference, quoted, obstacle }: PlacedReference): string | undefined {
  const written = writtenReference(reference);
  if (quoted === 'single') return `${written} stands in single quotes, where the shell expands nothing`;
  if (quoted === 'unknown')
    return `${written} stands ${obstacle ?? 'where'}; its value could not be kept as data`;
  return undefined;
}

function howElse({ reference, quoted, obstacle }: PlacedReference): string {
  const written = writtenReference(reference);
  if (quoted === 'single') return `use double quotes, or $${written} for the characters themselves`;
  if (obstacle === 'after a backslash') return `write $${written} for the characters themselves`;
  if (obstacle === 'in backquotes') return 'write $(…) in place of the backquotes';
  if (obstacle !== undefined && /arithmetic|numbers|subscript/.test(obstacle))
    return `refuse what is no number first: value=${written}; case $value in ''|*[!0-9]*) exit 1;; esac`;
  return `set it first, on a line of its own: value=${written}; then use "$value"`;
}

/** Environment names hold letters, digits and `_` only, so two references can come out alike. */
function environmentName(reference: Reference, taken: Readonly<Record<string, string>>): string {
  const plain = `MURMUR8_VAR_${writtenReference(reference)
    .slice(2, -1)
    .replace(/[^A-Za-z0-9_]/g, '_')}`;
  let name = plain;
  for (let count = 2; Object.hasOwn(taken, name); count += 1) name = `${plain}_${count}`;
  return name;
}

/** Why no environment variable can hold a value, if none can; `written` is how people know it. Code: `unusable-value`. */
export function unusableInEnvironment(value: string, written: string): Problem | undefined {
  if (value.includes('\0'))
    return {
      code: 'unusable-value',
      message: `the value of ${written} holds a NUL character, which no environment variable can`,
      hint: 'pass such data in a file',
    };
  if (value.length * 3 > MAX_VALUE_BYTES && new TextEncoder().encode(value).length > MAX_VALUE_BYTES)
    return {
      code: 'unusable-value',
      message: `the value of ${written} is longer than ${MAX_VALUE_BYTES} bytes, too long for an environment variable`,
      hint: 'pass such data in a file',
    };
  return undefined;
}
