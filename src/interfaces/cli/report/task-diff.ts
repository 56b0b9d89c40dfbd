import { harmless, type Style } from './style.ts';

const CONTEXT = 2;
/** Beyond it, what lies between the first and the last changed line is shown as replaced whole. */
const MOST_COMPARED = 400;

type Line = readonly [mark: ' ' | '-' | '+', text: string];

/** What a change of a text would alter, line by line, with a little of what stands around it. Empty for no change. */
export function lineDiff(before: string, after: string, style: Style): string {
  if (before === after) return '';
  const lines = compared(before.split('\n'), after.split('\n'));
  const shown = new Set<number>();
  lines.forEach(([mark], index) => {
    if (mark === ' ') return;
    for (let at = index - CONTEXT; at <= index + CONTEXT; at += 1) shown.add(at);
  });
  return lines
    .map((line, index) => {
      if (!shown.has(index)) return shown.has(index + 1) && index > 0 ? '  ...\n' : '';
      const [mark, text] = line;
      // A line ending is no part of what is read, unless it is what changes.
      const whole = `${mark} ${harmless(text.replace(/\r$/, ''))}`.trimEnd();
      return `${mark === '-' ? style.red(whole) : mark === '+' ? style.green(whole) : whole}\n`;
    })
    .join('');
}

function compared(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const same = (text: string): Line => [' ', text];
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

/** By the longest lines that both have in common. */
function middle(before: readonly string[], after: readonly string[]): Line[] {
  if (before.length > MOST_COMPARED || after.length > MOST_COMPARED)
    return [...before.map((text): Line => ['-', text]), ...after.map((text): Line => ['+', text])];
  const common = commonLengths(before, after);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]];
    if (old !== undefined && old === now) {
      lines.push([' ', old]);
      i += 1;
      j += 1;
    } else if (
      old !== undefined &&
      (now === undefined || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    ) {
      lines.push(['-', old]);
      i += 1;
    } else {
      lines.push(['+', now ?? '']);
      j += 1;
    }
  }
  return lines;
}

/** How many lines the rests from each pair of lines on have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const [row, below] = [lengths[i] ?? [], lengths[i + 1] ?? []];
    for (let j = after.length - 1; j >= 0; j -= 1)
      row[j] = before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
  }
  return lengths;
}
