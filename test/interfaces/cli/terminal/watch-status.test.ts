import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Glance,
  watchInLines,
  watchOnTerminal,
} from '../../../../src/interfaces/cli/terminal/watch-status.ts';
import { createScreen, type Screen } from './screen.ts';

const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A screen that also knows the two codes of the cursor. */
function screenOf(columns: number, rows: number): Screen & { cursor: string[] } {
  const screen = createScreen(columns, rows);
  const cursor: string[] = [];
  const { write } = screen;
  return Object.assign(screen, {
    cursor,
    write(text: string) {
      if (text === HIDE || text === SHOW) cursor.push(text);
      else write(text);
    },
  });
}

function glance(text: string, isOver = false): Glance {
  return { text: () => text, change: text, isOver };
}

describe('on a terminal', () => {
  test('the report is drawn in place, and the last one stays', async () => {
    const screen = screenOf(40, 10);
    let seen = glance('one\ntwo\n');
    const watching = watchOnTerminal(() => seen, screen);
    expect(screen.text()).toBe('one\ntwo');
    seen = glance('three\n');
    await vi.advanceTimersByTimeAsync(500);
    expect(screen.text()).toBe('three');
    seen = glance('four\nfive\n', true);
    await vi.advanceTimersByTimeAsync(500);
    expect(await watching).toBe('over');
    expect(screen.text()).toBe('four\nfive');
    expect(screen.cursor).toEqual([HIDE, SHOW]);
  });

  test('a report higher than the screen shows its beginning, until all of it is written at the end', async () => {
    const screen = screenOf(40, 5);
    const lines = ['one', 'two', 'three', 'four', 'five', 'six'];
    let seen = glance(`${lines.join('\n')}\n`);
    const watching = watchOnTerminal(() => seen, screen);
    await vi.advanceTimersByTimeAsync(500);
    expect(screen.text()).toBe('one\ntwo\nthree\n… 3 more');
    seen = glance(`${lines.join('\n')}\n`, true);
    await vi.advanceTimersByTimeAsync(500);
    await watching;
    expect(screen.text()).toBe(lines.join('\n'));
  });

  test('a new size is drawn at once, over lines that the terminal has broken', async () => {
    const screen = screenOf(60, 10);
    const watching = watchOnTerminal(
      () => ({ text: (width = 0) => `${'x'.repeat(Math.min(width, 50))}\nend\n`, change: '', isOver: false }),
      screen,
    );
    screen.resize(31, 10);
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.text()).toBe(`${'x'.repeat(30)}\nend`);
    process.emit('SIGINT', 'SIGINT');
    await vi.advanceTimersByTimeAsync(0);
    await watching;
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it and gives the cursor back', async (signal) => {
    const screen = screenOf(40, 10);
    const watching = watchOnTerminal(() => glance('one\n'), screen);
    process.emit(signal, signal);
    await vi.advanceTimersByTimeAsync(0);
    expect(await watching).toBe(signal);
    expect(screen.cursor).toEqual([HIDE, SHOW]);
    expect(screen.text()).toBe('one');
    expect(process.listenerCount(signal)).toBe(0);
  });

  test('a run that cannot be read any more gives the cursor back too', async () => {
    const screen = screenOf(40, 10);
    const watching = watchOnTerminal(() => {
      throw new Error('gone');
    }, screen);
    await expect(watching).rejects.toThrow('gone');
    expect(screen.cursor).toEqual([HIDE, SHOW]);
  });
});

describe('into a pipe', () => {
  test('the report is written after every change, and not while only time goes on', async () => {
    const written: string[] = [];
    let seen = { text: () => 'first at 1s\n', change: 'first', isOver: false };
    const watching = watchInLines(() => seen, { write: (text) => written.push(text) });
    seen = { ...seen, text: () => 'first at 2s\n' };
    await vi.advanceTimersByTimeAsync(1000);
    seen = { text: () => 'second\n', change: 'second', isOver: false };
    await vi.advanceTimersByTimeAsync(1000);
    seen = { text: () => 'third\n', change: 'third', isOver: true };
    await vi.advanceTimersByTimeAsync(1000);
    expect(await watching).toBe('over');
    expect(written).toEqual(['first at 1s\n', 'second\n', 'third\n']);
  });

  test('a signal ends it', async () => {
    const watching = watchInLines(() => glance('one\n'), { write: () => true });
    process.emit('SIGTERM', 'SIGTERM');
    await vi.advanceTimersByTimeAsync(0);
    expect(await watching).toBe('SIGTERM');
  });
});
