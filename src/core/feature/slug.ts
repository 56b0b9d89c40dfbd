import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';

/** Longest slug, in characters. */
export const MAX_SLUG_LENGTH = 64;

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export interface ParsedSlug {
  readonly slug: string;
  /** What was typed, when it had to be changed to become a slug. */
  readonly changedFrom?: string;
}

/**
 * A feature's short name, which becomes part of paths and branch names. `Your Slug` is turned into `your-slug`;
 * what could leave the feature's directory or mean something to a shell is refused, never repaired.
 */
export function parseSlug(text: string): Result<ParsedSlug> {
  const refusal = refuse(text);
  if (refusal !== undefined) return fail(refusal);
  const slug = text
    .trim()
    .toLowerCase()
    .replace(/[ _-]+/g, '-')
    .replace(/^-|-$/g, '');
  if (!SLUG.test(slug)) return fail(problem(text, 'holds no letter or digit'));
  if (slug.length > MAX_SLUG_LENGTH)
    return fail(problem(text, `is longer than ${MAX_SLUG_LENGTH} characters`));
  return ok(slug === text ? { slug } : { slug, changedFrom: text });
}

function refuse(text: string): Problem | undefined {
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return problem(text, 'holds a control character');
  if (text.trim() === '') return problem(text, 'is empty');
  if (text.trim().startsWith('-')) return problem(text, 'begins with a hyphen, as an option does');
  if (/[/\\.~:]/.test(text)) return problem(text, 'looks like a path');
  const odd = /[^a-zA-Z0-9 _-]/u.exec(text)?.[0];
  if (odd !== undefined) return problem(text, `holds the character ${JSON.stringify(odd)}`);
  return undefined;
}

function problem(text: string, reason: string): Problem {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return {
    code: 'bad-slug',
    message: `the slug ${JSON.stringify(shown)} ${reason}`,
    hint: `use letters, digits and single hyphens, at most ${MAX_SLUG_LENGTH} characters, such as user-login`,
  };
}
