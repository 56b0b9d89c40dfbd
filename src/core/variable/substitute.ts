import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';
import { type Reference, writtenReference } from './reference.ts';
import { referencesIn, type TemplateError } from './template.ts';

/** The value of a reference; undefined where there is none. */
export type Lookup = (reference: Reference) => string | undefined;

interface Part {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/**
 * The text with every reference replaced by its value, in one pass: a value is data and is never read again. `$${`
 * becomes `${`. Problems: `bad-reference`; `missing-value`, which names the reference.
 */
export function substitute(text: string, lookup: Lookup): Result<string> {
  const { references, errors, escapes } = referencesIn(text);
  const [error] = errors;
  if (error !== undefined) return fail(badReference(error));
  const parts: Part[] = escapes.map(literalBrace);
  for (const { reference, offset, length } of references) {
    const value = lookup(reference);
    if (value === undefined) return fail(missingValue(reference));
    parts.push({ offset, length, text: value });
  }
  return ok(withParts(text, parts));
}

/** What replaces an escape: the two characters that it stands for. */
export function literalBrace(offset: number): Part {
  return { offset, length: 3, text: '${' };
}

/** The text with each part put where it belongs. Parts do not overlap; their order does not matter. */
export function withParts(text: string, parts: readonly Part[]): string {
  let read = 0;
  let written = '';
  for (const part of parts.toSorted((a, b) => a.offset - b.offset)) {
    written += text.slice(read, part.offset) + part.text;
    read = part.offset + part.length;
  }
  return written + text.slice(read);
}

export function badReference(error: TemplateError): Problem {
  return { code: 'bad-reference', message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
}

export function missingValue(reference: Reference): Problem {
  return {
    code: 'missing-value',
    message: `${writtenReference(reference)} has no value`,
    hint: whereFrom(reference),
  };
}

function whereFrom(reference: Reference): string {
  switch (reference.kind) {
    case 'variable':
      return `give it with --var ${reference.name}=<value>, or a default under "variables"`;
    case 'output':
      return `stage "${reference.stage}" has to write ${reference.key}=<value> to the file named in MURMUR8_OUTPUT`;
    case 'environment':
      return 'give the stage an "environment"';
    case 'run':
      return 'it is set while the run exists';
    case 'event':
      return `the event did not say it; by hand it is given with event emit --var ${reference.field}=<value>`;
    case 'item':
      return 'it is set in stages with "foreach"';
  }
}
