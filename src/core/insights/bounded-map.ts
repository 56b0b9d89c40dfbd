/** Where everything goes that has no room of its own. */
export const OTHERS = '(others)';

const MOST_KEYS = 500;
const LONGEST_KEY = 1000;

/**
 * The value of a key, created where it is new. Names come from files that anybody may have written: past 500 different
 * ones all the rest share one place, and so do those that are too long to be kept, so that memory stays bounded.
 */
export function placeIn<T>(map: Map<string, T>, key: string, create: (key: string) => T): T {
  const found = map.get(key);
  if (found !== undefined) return found;
  const name = map.size < MOST_KEYS && key.length <= LONGEST_KEY ? key : OTHERS;
  const known = map.get(name);
  if (known !== undefined) return known;
  const created = create(name);
  map.set(name, created);
  return created;
}
