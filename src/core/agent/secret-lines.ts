import { formsOf } from './secret-forms.ts';

/**
 * Finds known secrets in what is to be kept for ever. Values that may be words (a password `postgres` of a database at
 * home) are none here: nobody could commit any more.
 *
 * @returns numbers of the lines of a text that hold one, from one
 */
export function createSecretFinder(secrets: readonly string[]): (text: string) => readonly number[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const line of secret.split(/\r?\n/)) {
      if (isNoWord(line.trim())) for (const form of formsOf(line.trim())) forms.add(form);
    }
  }
  const wanted = [...forms];
  return (text) => {
    // Most texts hold none: their lines are not looked at one by one.
    const present = wanted.filter((form) => text.includes(form));
    if (present.length === 0) return [];
    return text
      .split('\n')
      .flatMap((line, index) => (present.some((form) => line.includes(form)) ? [index + 1] : []));
  };
}

/** A value that stands for nothing else: a password `postgres` could be the name of anything. */
export function isNoWord(value: string): boolean {
  return value.length >= 10 && /[0-9]/.test(value) && /[a-z]/i.test(value) && !/^-----/.test(value);
}
