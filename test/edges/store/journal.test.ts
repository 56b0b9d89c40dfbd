import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/run/event.ts';
import { openJournal, readJournal } from '../../../src/edges/store/journal.ts';
import { AT, BEGINNING, note, notesIn } from './events.ts';

const directory = mkdtempSync(join(tmpdir(), 'murmur8-journal-'));
const path = join(directory, 'journal.jsonl');

beforeEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(directory, { recursive: true }));

function read() {
  const result = readJournal(path);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function problem() {
  const result = readJournal(path);
  if (result.ok) throw new Error('the journal was read');
  return result.error;
}

function open(length = 0, seq = 1) {
  const opened = openJournal(path, length, seq);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function filled(...numbers: number[]): void {
  const journal = open();
  journal.append('run', 1, AT, BEGINNING);
  for (const number of numbers) journal.append('run', 1, AT, [note(number)]);
  journal.close();
}

describe('a journal', () => {
  test('that does not exist has no events', () => {
    expect(read()).toEqual({ events: [], length: 0 });
  });

  test('gives back what was appended, numbered without gaps, one line per event', () => {
    const journal = open();
    const written = journal.append('run', 3, AT, [...BEGINNING, note(1)]);
    journal.append('run', 3, AT, [note(2)]);
    journal.close();
    const { events, length } = read();
    expect(events.slice(0, 3)).toEqual(written.ok ? written.value : []);
    expect(events.map((event) => [event.v, event.seq, event.epoch, event.at, event.runId])).toEqual(
      [1, 2, 3, 4].map((seq) => [1, seq, 3, AT, 'run']),
    );
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5);
    expect(length).toBe(statSync(path).size);
  });

  test('is readable by its owner only', () => {
    filled();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('keeps text of any kind on its line', () => {
    const journal = open();
    const message = 'two\nlines, "quotes", \u2028, 日本語, \u0000';
    journal.append('run', 1, AT, [...BEGINNING, { type: 'notice', message }]);
    journal.close();
    expect(read().events.at(-1)).toMatchObject({ message });
  });

  test('with lines longer than a block is read whole', () => {
    const journal = open();
    const message = 'é'.repeat(1_500_000);
    journal.append('run', 1, AT, [...BEGINNING, { type: 'notice', message }, note(2)]);
    journal.close();
    const { events, length } = read();
    expect(events[2]).toMatchObject({ message });
    expect(notesIn(events).at(-1)).toBe(2);
    expect(length).toBe(statSync(path).size);
  });
});

describe('a torn last line', () => {
  test.each([
    ['half of an event', '{"v":1,"seq":4,"ep'],
    [
      'a whole event without its line end',
      `${JSON.stringify({ v: 1, seq: 4, epoch: 1, at: AT, runId: 'run', ...note(9) })}`,
    ],
    ['zeros', '\u0000\u0000\u0000'],
  ])('%s is not read, and cut by the next owner', (_name, torn) => {
    filled(1);
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, torn);
    const { events, length } = read();
    expect(notesIn(events)).toEqual([1]);
    open(length, 4).close();
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });

  test('is replaced by what is appended next', () => {
    filled(1);
    appendFileSync(path, '{"v":1');
    const { events, length } = read();
    const journal = open(length, events.length + 1);
    journal.append('run', 2, AT, [note(2)]);
    journal.close();
    expect(notesIn(read().events)).toEqual([1, 2]);
    expect(read().events.at(-1)).toMatchObject({ seq: 4, epoch: 2 });
  });

  test('is left as it is by readers', () => {
    filled(1);
    appendFileSync(path, '{"v":1');
    const before = readFileSync(path, 'utf8');
    read();
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

describe('a line that is damaged', () => {
  test.each([
    ['not JSON', '{"v":1,', 'not JSON'],
    ['empty', '', 'not JSON'],
    ['no event', '{"v":1,"seq":3,"epoch":1,"at":"x","runId":"r","type":"banana"}', 'not an event'],
    ['an event without a field', `{"v":1,"seq":3,"epoch":1,"at":"x","runId":"r","type":"notice"}`, 'message'],
    ['null', 'null', 'not an event'],
  ])('(%s) is named by file and line, and nothing is guessed', (_name, line, message) => {
    filled(1, 2);
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[2] = line;
    writeFileSync(path, lines.join('\n'));
    expect(problem()).toMatchObject({ code: 'SYS_STATE_CORRUPT', file: path, line: 3 });
    expect(problem().message).toContain(message);
    expect(problem().hint).toContain('nothing was changed');
  });

  test('at the beginning, because the first line is gone, is named', () => {
    filled(1);
    const [, ...rest] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, rest.join('\n'));
    expect(problem()).toMatchObject({ code: 'SYS_STATE_CORRUPT', line: 1 });
  });

  test('because a newer version wrote it asks for an update', () => {
    filled(1);
    appendFileSync(path, `${JSON.stringify({ v: 2, something: 'new' })}\n`);
    expect(problem()).toMatchObject({ code: 'newer-version', file: path, line: 4 });
    expect(problem().hint).toContain('update murmur8');
  });
});

test('an event written is an event read, whatever its type', () => {
  const bodies = [
    ...BEGINNING,
    { type: 'stage.started' as const, stage: 'one', frames: [{ title: 'x', tests: ['T-1'] }] },
    { type: 'work.failed' as const, code: 'SYS_WRITE_ERROR', message: 'm' },
    { type: 'run.stopped' as const, code: 'STALLED', threshold: 0, actual: 1 },
  ];
  const journal = open();
  const written = journal.append('run', 1, AT, bodies);
  journal.close();
  const expected: readonly RunEvent[] = written.ok ? written.value : [];
  expect(read().events).toEqual(expected);
});
