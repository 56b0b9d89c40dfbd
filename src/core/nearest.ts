/** The known word closest to the one asked for (fewest edits); undefined when none is near enough to be meant. */
export function nearestTo(asked: string, known: Iterable<string>): string | undefined {
  return nearest(asked, known, (word) => word);
}

/** The same for beginnings: of ids, people type the first few characters. */
export function nearestBeginning(asked: string, known: Iterable<string>): string | undefined {
  return nearest(asked, known, (word) => word.slice(0, Math.max(asked.length, 1)));
}

function nearest(
  asked: string,
  known: Iterable<string>,
  compared: (word: string) => string,
): string | undefined {
  const wanted = asked.toLowerCase();
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const word of known) {
    const edits = editsBetween(wanted, compared(word).toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      best = word;
    }
  }
  return fewest <= Math.max(2, Math.floor(asked.length / 3)) ? best : undefined;
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
