/**
 * A list of globs in words: `main or release/*`, `** except dev`. `joined` says how words of one kind stand together
 * (default: with "or").
 */
export function globsInWords(
  globs: readonly string[],
  joined: (words: readonly string[]) => string = (words) => words.join(' or '),
): string {
  const excluded = globs.filter((glob) => glob.startsWith('!'));
  const wanted = globs.filter((glob) => !glob.startsWith('!'));
  if (excluded.length === 0 || wanted.length === 0) return joined(globs);
  return `${joined(wanted)} except ${joined(excluded.map((glob) => glob.slice(1)))}`;
}
