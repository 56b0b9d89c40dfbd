export interface LastLines {
  readonly add: (line: string) => void;
  readonly text: () => string;
}

/** Keeps the end of a stream: whole lines, together at most `limit` UTF-16 units (one longer line keeps its end). */
export function lastLines(limit: number): LastLines {
  let lines: string[] = [];
  let first = 0;
  let size = 0;
  return {
    add(line) {
      const kept = line.length >= limit ? line.slice(line.length - limit + 1) : line;
      lines.push(kept);
      size += kept.length + 1;
      while (size > limit) {
        size -= (lines[first] ?? '').length + 1;
        first += 1;
      }
      if (first > 1_024 && first * 2 > lines.length) {
        lines = lines.slice(first);
        first = 0;
      }
    },
    text: () =>
      lines
        .slice(first)
        .map((line) => `${line}\n`)
        .join(''),
  };
}
