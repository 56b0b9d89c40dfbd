import { createHash } from 'node:crypto';

/**
 * Makes what a command printed the same on every machine and at every time: ids, commits, dates, durations, process
 * numbers and paths are replaced by examples, always the same one for the same value.
 */
export function normaliser(paths) {
  const ids = sequence((number) => exampleId(number));
  const commits = sequence((number) => exampleHex(number, 40));
  const hashes = sequence((number) => exampleHex(number + 200, 64));
  return (text) => {
    const withoutPaths = Object.entries(paths).reduce(
      (rest, [path, shown]) => rest.replaceAll(path, shown),
      text,
    );
    const normal = withoutPaths.replaceAll(process.versions.node, '20.19.0').replace(IDENTIFIER, (value) => {
      if (value.includes('-')) return ids.of(value);
      if (value.length === 40) return commits.of(value);
      if (value.length === 64) return hashes.of(value);
      // Abbreviations: of an id or a commit that was seen whole, else examples of their own.
      const shown = ids.ofPrefix(value) ?? commits.ofPrefix(value) ?? hashes.ofPrefix(value);
      if (shown !== undefined) return shown;
      // A word such as "defaced".
      if (!/[0-9]/.test(value)) return value;
      return (value.length === 8 ? ids : commits).ofShort(value);
    });
    return normal
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, '2026-02-24T10:00:00$1Z')
      .replace(/T10:00:00\.\d{3}Z/g, 'T10:00:00.000Z')
      .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '2026-02-24 10:00:00')
      .replace(/\b\d{4}-\d\d-\d\d(?![\dT])/g, '2026-02-24')
      .replace(/\b[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4}/g, 'Tue Feb 24 10:00:00 2026')
      .replace(/^( +(?:first event|total) +)\S.*$/gm, '$10.2s')
      .replace(/\bdone in \d+m \d\ds/g, 'done in 0.2s')
      .replace(/(:? *)\b\d+(?:\.\d+s|ms)\b/g, fitted)
      .replace(/(Duration: +)\d+s/g, '$11s')
      .replace(/\bprocess \d+/g, 'process 4711');
  };
}

/** A UUID, a hash, a commit, or the beginning of one of them. */
const IDENTIFIER =
  /\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{7,12})\b/g;

/** An example of a duration: behind a label where it began, in a right-aligned column with the same end as before. */
function fitted(whole, space) {
  return space.length > 2 && !space.startsWith(':') ? '0.2s'.padStart(whole.length) : `${space}0.2s`;
}

function sequence(example) {
  const known = new Map();
  const of = (value) => {
    if (!known.has(value)) known.set(value, example(known.size + 1));
    return known.get(value);
  };
  return {
    of,
    ofPrefix(short) {
      for (const [value, shown] of known) {
        if (value.startsWith(short)) return shown.slice(0, short.length);
      }
      return undefined;
    },
    /** Seen only abbreviated so far; the whole value, should it come later, is another example. */
    ofShort: (short) => of(short).slice(0, short.length),
  };
}

function exampleHex(number, length) {
  return createHash('sha256').update(String(number)).digest('hex').slice(0, length);
}

function exampleId(number) {
  const hex = exampleHex(number + 100, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
