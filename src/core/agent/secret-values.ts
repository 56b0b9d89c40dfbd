import { secretValues } from './mask.ts';

/** Secrets of a parsed `.env`: by their names, and whatever is no word and no number. */
export function dotenvSecrets(variables: ReadonlyMap<string, string>): readonly string[] {
  const random = [...variables.values()].filter(looksRandom);
  return [...secretValues(Object.fromEntries(variables)), ...random];
}

/**
 * Long, without spaces, and with letters and digits mixed, as keys are and settings seldom. Plain hexadecimal digits name
 * commits and images, which are shown everywhere.
 */
function looksRandom(value: string): boolean {
  return (
    /^[A-Za-z0-9_+/=.~-]{20,}$/.test(value) &&
    /[g-z]/i.test(value) &&
    (value.match(/[0-9](?=[a-z])|[a-z](?=[0-9])/gi) ?? []).length >= 4
  );
}

/** Logins in the text of an `.npmrc`; one that is taken from the environment stands there under its own name. */
export function npmrcSecrets(text: string): readonly string[] {
  const assigned = text.matchAll(/(?:^|:)_(?:authToken|auth|password)[ \t]*=[ \t]*["']?([^\s"']{8,})/gm);
  return [...assigned].flatMap(([, value]) => (value === undefined || value.startsWith('${') ? [] : [value]));
}
