/**
 * Does a root `.gitignore` with this text keep `.env` out of commits? As in git, the last matching pattern decides,
 * `!` takes an exclusion back, a trailing slash means directories only, and a slash inside means another place.
 */
export function ignoresDotenv(text: string): boolean {
  let ignored = false;
  for (const line of text.split('\n')) {
    const pattern = line.replace(/\r$/, '').replace(/(?<!\\) +$/, '');
    if (pattern === '' || pattern.startsWith('#')) continue;
    const negated = pattern.startsWith('!');
    if (matchesDotenv(negated ? pattern.slice(1) : pattern)) ignored = !negated;
  }
  return ignored;
}

function matchesDotenv(pattern: string): boolean {
  const name = pattern.replace(/^\//, '').replace(/^(?:\*\*\/)+/, '');
  if (name === '**') return true;
  if (name.includes('/')) return false;
  return matchGlob(name, '.env');
}

/** Shell pattern against one file name; on every branch the rest of the pattern is shorter. */
function matchGlob(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  const first = pattern.charAt(0);
  if (first === '*') {
    const rest = pattern.replace(/^\*+/, '');
    for (let taken = 0; taken <= name.length; taken += 1) if (matchGlob(rest, name.slice(taken))) return true;
    return false;
  }
  if (name === '') return false;
  if (first === '?') return matchGlob(pattern.slice(1), name.slice(1));
  const group = first === '[' ? /^\[([!^]?)((?:\\.|[^\]\\]|(?<=^\[[!^]?)\])+)\]/.exec(pattern) : null;
  if (group !== null) {
    const inside = isInGroup(group[2] ?? '', name.charAt(0));
    return inside !== (group[1] !== '') && matchGlob(pattern.slice(group[0].length), name.slice(1));
  }
  const literal = first === '\\' ? pattern.charAt(1) : first;
  return literal === name.charAt(0) && matchGlob(pattern.slice(first === '\\' ? 2 : 1), name.slice(1));
}

function isInGroup(group: string, letter: string): boolean {
  for (let index = 0; index < group.length; index += 1) {
    const from = group.charAt(index);
    if (group.charAt(index + 1) === '-' && index + 2 < group.length) {
      if (from <= letter && letter <= group.charAt(index + 2)) return true;
      index += 2;
    } else if (from === letter) return true;
  }
  return false;
}
