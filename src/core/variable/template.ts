import type { Quoting } from './quoting.ts';
import { parseReference, type Reference } from './reference.ts';
import { shellQuoting } from './shell-quoting.ts';

/** One `${…}` in a text. Offset and length are in UTF-16 units of that text and cover `${` to `}`. */
export interface PlacedReference {
  readonly reference: Reference;
  readonly offset: number;
  readonly length: number;
  /** How a shell would read this place, were the text a command: of no meaning in texts that are none. */
  readonly quoted: Quoting;
  /** With `quoted: 'unknown'`: what stands in the way of knowing, such as `in backquotes`. */
  readonly obstacle?: string;
}

export interface TemplateError {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly hint?: string;
}

export interface Template {
  readonly references: readonly PlacedReference[];
  readonly errors: readonly TemplateError[];
  /** Offsets of `$${`, which stands for a literal `${`. */
  readonly escapes: readonly number[];
}

/**
 * Finds the references of a text (spec: pipelines 4). `$x`, `$(…)` and `$$` are the shell's and left alone; every
 * other `${` has to be a reference of ours, or escaped as `$${`, so that a misspelt name can never pass as a shell's.
 */
export function referencesIn(text: string): Template {
  if (!text.includes(`\${`)) return { references: [], errors: [], escapes: [] };
  const found: { reference: Reference; offset: number; length: number }[] = [];
  const errors: TemplateError[] = [];
  const escapes: number[] = [];
  let at = text.indexOf('$');
  while (at >= 0) {
    let next = at + 1;
    if (text.startsWith(`$\${`, at)) {
      escapes.push(at);
      next = at + 3;
    } else if (text.startsWith(`\${`, at)) {
      const read = readAt(text, at);
      if ('error' in read) errors.push(read.error);
      else found.push({ reference: read.reference, offset: at, length: read.length });
      next = at + ('error' in read ? read.error.length : read.length);
    }
    at = text.indexOf('$', next);
  }
  const quoting = shellQuoting(text, found, escapes);
  const references = found.map((one, index) => ({ ...one, ...(quoting[index] ?? UNKNOWN) }));
  return { references, errors, escapes };
}

const UNKNOWN: { readonly quoted: Quoting } = { quoted: 'unknown' };
// Stops where another reference begins, so that a long run of `${` is looked at once.
const BODY = /[^{}$\n]*/y;

function readAt(
  text: string,
  offset: number,
): { reference: Reference; length: number } | { error: TemplateError } {
  BODY.lastIndex = offset + 2;
  const body = BODY.exec(text)?.[0] ?? '';
  const length = 2 + body.length;
  const next = text[offset + length];
  if (next !== '}') return { error: unclosed(body, next, offset, length) };
  const parsed = parseReference(body);
  if (parsed.ok) return { reference: parsed.value, length: length + 1 };
  return { error: { ...parsed.error, offset, length: length + 1 } };
}

function unclosed(body: string, next: string | undefined, offset: number, length: number): TemplateError {
  if (body === '' && next === '{')
    return {
      message: `\${{ is not known here`,
      offset,
      length,
      hint: `write \${name}, with one pair of braces`,
    };
  if (/^[A-Za-z0-9_]+[-:=+?#%/^,]/.test(body))
    return {
      message: `\${${body}… is a shell expansion, not a reference to a variable`,
      offset,
      length,
      hint: `write $\${${body}… to leave it to the shell`,
    };
  return {
    message: `\${${body.slice(0, 40)} is never closed`,
    offset,
    length,
    hint: `write \${name}, or $\${ where the two characters themselves are meant`,
  };
}
