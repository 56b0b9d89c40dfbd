import { createDrawing, type TerminalStream } from './live/drawing.ts';

/** What is seen of a run at one moment. */
export interface Glance {
  /** The report for so many columns; absent: without broken lines. */
  readonly text: (width?: number) => string;
  /** Differs whenever something happened, and not because time went on. */
  readonly change: string;
  readonly isOver: boolean;
}

/** How watching ended: with the run, or by a signal. */
export type WatchEnd = 'over' | 'SIGINT' | 'SIGTERM';

const LOOK_AGAIN_MS = 150;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/** Draws a run in place until it ends; on a low screen as much as fits. The last drawing is whole and stays. */
export async function watchOnTerminal(
  look: () => Glance,
  stream: TerminalStream & { readonly columns?: number | undefined },
): Promise<WatchEnd> {
  const drawing = createDrawing(stream);
  const waiting = listen();
  stream.on('resize', waiting.wake);
  stream.write(HIDE_CURSOR);
  try {
    for (;;) {
      const glance = look();
      // A full line would leave the cursor where erasing the rest of it takes its last character away.
      const text = glance.text(Math.max(1, (stream.columns || 80) - 1));
      if (glance.isOver) {
        drawing.erase();
        stream.write(text);
        return 'over';
      }
      drawing.show([], fitting(text.trimEnd().split('\n'), stream.rows || 24));
      const signal = await waiting.next();
      if (signal !== undefined) return signal;
    }
  } finally {
    stream.off('resize', waiting.wake);
    waiting.stop();
    stream.write(SHOW_CURSOR);
  }
}

/** Writes what is seen whenever something has happened, until the run ends: for pipes and terminals that cannot draw. */
export async function watchInLines(
  look: () => Glance,
  stream: { write(text: string): unknown },
): Promise<WatchEnd> {
  const waiting = listen();
  let last: string | undefined;
  try {
    for (;;) {
      const { text, change, isOver } = look();
      if (change !== last) stream.write(text());
      last = change;
      if (isOver) return 'over';
      const signal = await waiting.next();
      if (signal !== undefined) return signal;
    }
  } finally {
    waiting.stop();
  }
}

/** The line that the cursor stands on is one of the screen's. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  const room = Math.max(1, rows - 1);
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`].slice(-room);
}

/** Waits for the next look: some time, a new size, or a signal, which is kept until somebody waits. */
function listen() {
  let signalled: 'SIGINT' | 'SIGTERM' | undefined;
  let resolve: (() => void) | undefined;
  const wake = (): void => resolve?.();
  const heard = (signal: NodeJS.Signals): void => {
    signalled ??= signal === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    wake();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return {
    wake,
    async next(): Promise<'SIGINT' | 'SIGTERM' | undefined> {
      if (signalled === undefined) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        await new Promise<void>((done) => {
          resolve = done;
          timer = setTimeout(done, LOOK_AGAIN_MS);
        });
        clearTimeout(timer);
        resolve = undefined;
      }
      return signalled;
    },
    stop(): void {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}
