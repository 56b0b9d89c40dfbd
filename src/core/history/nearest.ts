/** The known word closest to the one asked for (fewest edits); undefined when none is near enough to be meant. */
export function nearestTo(asked: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const word of known) {
    const edits = editsBetween(asked, word.slice(0, Math.max(asked.length, 1)));
    if (edits < fewest) {
      fewest = edits;
      nearest = word;
    }
  }
  return fewest <= Math.max(2, Math.floor(asked.length / 3)) ? nearest : undefined;
}

function editsBetween(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
