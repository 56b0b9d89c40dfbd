/**
 * What a JSON value holds at a path of keys, looking at own properties only; undefined where the path leads nowhere.
 */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** The same where it is a text that is not empty, or a whole number written out. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** A list whose items all are texts; undefined where it is none. */
export function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** The facts that are there, each cut to a bearable length: titles and names are written by strangers. */
export function factsOf(
  values: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> | undefined {
  const known = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value.slice(0, MAX_FACT)] as const],
  );
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

const MAX_FACT = 4096;
