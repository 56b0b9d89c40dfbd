import type { TerminalStream } from '../../../../src/interfaces/cli/terminal/live/drawing.ts';

/** A terminal as far as the live view needs one: lines break at its width, and the codes it is sent are obeyed. */
export interface Screen extends TerminalStream {
  columns: number;
  rows: number;
  /** What has been shown, without the blanks at the ends of lines. */
  text(): string;
  readonly writes: string[];
  resize(columns: number, rows: number): void;
}

export function createScreen(columns: number, rows = 24): Screen {
  let lines: string[] = [''];
  let at = 0;
  let column = 0;
  const listeners = new Set<() => void>();
  const screen: Screen = {
    columns,
    rows,
    writes: [],
    write(text) {
      screen.writes.push(text);
      for (const part of text.match(/\x1b\[\d*[A-Za-z]|\n|[^\x1b\n]+/g) ?? []) obey(part);
    },
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
    text: () =>
      lines
        .map((line) => line.trimEnd())
        .join('\n')
        .trimEnd(),
    resize(wide, high) {
      screen.columns = wide;
      screen.rows = high;
      const broken = lines.flatMap((line) => line.match(new RegExp(`.{1,${wide}}`, 'gu')) ?? ['']);
      at = broken.length - 1;
      lines = broken;
      for (const listener of listeners) listener();
    },
  };
  return screen;

  function obey(part: string): void {
    const code = /^\x1b\[(\d*)([A-Za-z])$/.exec(part);
    const line = lines[at] ?? '';
    if (part === '\n') {
      at += 1;
      column = 0;
      lines[at] ??= '';
    } else if (code === null) {
      lines[at] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
      column += part.length;
    } else if (code[2] === 'A') at = Math.max(0, at - Number(code[1]));
    else if (code[2] === 'J') lines = [...lines.slice(0, at), line.slice(0, column)];
    else if (code[2] === 'K') lines[at] = line.slice(0, column);
    else throw new Error(`a code that no test terminal knows: ${JSON.stringify(part)}`);
  }
}
