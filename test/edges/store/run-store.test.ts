import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunRequest } from '../../../src/core/run/request.ts';
import { attemptPlaces, readAnswer, removeScratch } from '../../../src/edges/store/attempt-places.ts';
import { removeRun } from '../../../src/edges/store/remove-run.ts';
import { listExecutions, readStoredRun, runDirectory } from '../../../src/edges/store/run-directory.ts';
import { createRunStore, submitRequest } from '../../../src/edges/store/run-store.ts';
import type { HeldRun } from '../../../src/engine/ports.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { AT, BEGINNING, note, notesIn } from './events.ts';

const state = mkdtempSync(join(tmpdir(), 'murmur8-store-'));
const store = createRunStore(state);
const directory = runDirectory(state, 'run');
const holder = bundleProgram(`
  import { createRunStore } from './src/edges/store/run-store.ts';
  const [state, kind, text] = process.argv.slice(2);
  const store = createRunStore(state);
  const taken = kind === 'take' ? store.take('run') : store.create('run');
  if (!taken.ok) throw new Error(taken.error.message);
  const run = taken.value;
  run.advance('run', '${AT}', JSON.parse(text));
  process.stdout.write(JSON.stringify({ epoch: run.epoch, pid: process.pid }) + '\\n');
  setInterval(() => {}, 1000);
`);

beforeEach(() => {
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state);
});
afterAll(() => rmSync(state, { recursive: true, force: true }));

function held(result: ReturnType<typeof store.take>): HeldRun {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function createdRun(...notes: number[]): HeldRun {
  const run = held(store.create('run'));
  run.advance('run', AT, [...BEGINNING, ...notes.map(note)]);
  return run;
}

/** Another process that holds the run until it is killed. */
async function otherOwner(kind: 'create' | 'take', bodies: unknown[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, state, kind, JSON.stringify(bodies)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('a run that this process holds', () => {
  test('is private, and given back with its events to the next owner', () => {
    const first = createdRun(1);
    expect([first.epoch, first.tookOver, first.events]).toEqual([1, false, []]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    first.release();
    const second = held(store.take('run'));
    expect([second.epoch, second.tookOver, notesIn(second.events)]).toEqual([2, false, [1]]);
    second.advance('run', AT, [note(2)]);
    second.release();
    expect(held(store.take('run')).events.map(({ seq, epoch }) => [seq, epoch])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 2],
    ]);
  });

  test('is refused to a second one, naming the owner', () => {
    const run = createdRun();
    const again = store.take('run');
    expect(again).toMatchObject({ ok: false, error: { code: 'held' } });
    expect(again.ok ? '' : again.error.message).toContain(String(process.pid));
    run.release();
  });

  test('that nobody created is not found', () => {
    expect(store.take('nothing')).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(existsSync(runDirectory(state, 'nothing'))).toBe(false);
  });

  test('once somebody else took it over accepts no event any more', () => {
    const run = createdRun(1);
    writeFileSync(join(directory, `lease.${run.epoch + 1}`), '{}');
    const written = run.advance('run', AT, [note(2)]);
    expect(written).toMatchObject({ ok: false, error: { code: 'SYS_OWNER_LOST' } });
    expect(readFileSync(join(directory, 'journal.jsonl'), 'utf8')).not.toContain('number 2');
  });

  test('whose directory somebody removed says so instead of throwing', () => {
    const run = createdRun();
    rmSync(directory, { recursive: true });
    expect(run.advance('run', AT, [note(1)])).toMatchObject({ ok: false, error: { code: 'SYS_OWNER_LOST' } });
  });

  test('with a damaged journal is not held, so that it can be put right', () => {
    createdRun(1).release();
    const path = join(directory, 'journal.jsonl');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace('"v":1', 'v'));
    expect(store.take('run')).toMatchObject({ ok: false, error: { code: 'SYS_STATE_CORRUPT', line: 1 } });
    writeFileSync(path, whole);
    expect(notesIn(held(store.take('run')).events)).toEqual([1]);
  });
});

describe('a run that another process holds', () => {
  test('is refused while that process lives, naming its pid', async () => {
    const child = await otherOwner('create', BEGINNING);
    const taken = store.take('run');
    expect(taken).toMatchObject({ ok: false, error: { code: 'held' } });
    expect(taken.ok ? '' : taken.error.message).toContain(String(child.pid));
    expect(readStoredRun(state, 'run')).toMatchObject({ ok: true, value: undefined });
    await kill(child);
  });

  test('is taken over as soon as that process is killed, with everything it had written', async () => {
    const child = await otherOwner('create', [...BEGINNING, note(1)]);
    await kill(child);
    const run = held(store.take('run'));
    expect([run.epoch, run.tookOver, notesIn(run.events)]).toEqual([2, true, [1]]);
    run.release();
  });

  test('and that is killed again and again is taken over every time, with a higher epoch', async () => {
    await kill(await otherOwner('create', [...BEGINNING, note(1)]));
    for (const number of [2, 3]) await kill(await otherOwner('take', [note(number)]));
    const run = held(store.take('run'));
    expect([run.epoch, run.tookOver, notesIn(run.events)]).toEqual([4, true, [1, 2, 3]]);
    run.release();
  });

  test('in another container counts as living while its heartbeat is young, and as lost when it is old', () => {
    const run = createdRun();
    const lease = join(directory, `lease.${run.epoch}`);
    const owner: unknown = JSON.parse(readFileSync(lease, 'utf8'));
    writeFileSync(lease, JSON.stringify({ ...(owner as object), pidNamespace: 'pid:[1]', pid: 999_999 }));
    expect(store.take('run')).toMatchObject({ ok: false, error: { code: 'held' } });
    const old = new Date(Date.now() - 61_000);
    utimesSync(lease, old, old);
    expect(held(store.take('run')).tookOver).toBe(true);
  });
});

describe('requests', () => {
  const request = (id: string, at: string): RunRequest => ({
    id,
    kind: 'answer',
    actor: 'ann',
    at,
    text: 'yes',
  });

  test('that cannot be taken away are settled all the same: their answers are durable', () => {
    const run = held(store.create('run'));
    mkdirSync(join(directory, 'inbox', '1-first.json'));
    run.settle('first');
    run.release();
  });

  test('wait for an owner, oldest first, until they are settled', () => {
    createdRun().release();
    submitRequest(state, 'run', request('later', '2026-01-05T10:00:00.000Z'));
    submitRequest(state, 'run', request('first', '2026-01-05T09:00:00.000Z'));
    const run = held(store.take('run'));
    expect(run.requests().map(({ id }) => id)).toEqual(['first', 'later']);
    run.settle('first');
    run.settle('first');
    expect(run.requests().map(({ id }) => id)).toEqual(['later']);
    run.release();
    expect(held(store.take('run')).requests()).toEqual([request('later', '2026-01-05T10:00:00.000Z')]);
  });

  test('are seen by a living owner, and what is no request is passed over', () => {
    const run = createdRun();
    writeFileSync(join(directory, 'inbox', '0-broken.json'), '{"id":');
    writeFileSync(join(directory, 'inbox', '1-other.json'), '[]');
    submitRequest(state, 'run', request('one', AT));
    expect(run.requests().map(({ id }) => id)).toEqual(['one']);
    run.release();
  });

  test('are readable by their owner only, and leave no other file behind', () => {
    createdRun().release();
    submitRequest(state, 'run', request('one', AT));
    const inbox = join(directory, 'inbox');
    expect(readdirSync(inbox)).toEqual([`${Date.parse(AT)}-one.json`]);
    expect(statSync(join(inbox, `${Date.parse(AT)}-one.json`)).mode & 0o777).toBe(0o600);
  });
});

describe('the document for readers', () => {
  test('is read with what can be seen of the owner', async () => {
    const run = createdRun();
    run.snapshot({ phase: 'running' });
    expect(readStoredRun(state, 'run')).toMatchObject({
      ok: true,
      value: {
        executionId: 'run',
        document: { phase: 'running' },
        owner: { state: 'held', pid: process.pid },
      },
    });
    run.release();
    expect(readStoredRun(state, 'run')).toMatchObject({ ok: true, value: { owner: { state: 'free' } } });
    await kill(await otherOwner('take', []));
    expect(readStoredRun(state, 'run')).toMatchObject({ ok: true, value: { owner: { state: 'lost' } } });
  });

  test('of no run is undefined, and a damaged one is named', () => {
    expect(readStoredRun(state, 'run')).toEqual({ ok: true, value: undefined });
    createdRun().release();
    writeFileSync(join(directory, 'state.json'), '{');
    expect(readStoredRun(state, 'run')).toMatchObject({
      ok: false,
      error: { code: 'SYS_STATE_CORRUPT', file: join(directory, 'state.json') },
    });
  });

  test('is whole at any instant while it is replaced', async () => {
    const writer = bundleProgram(`
      import { createRunStore } from './src/edges/store/run-store.ts';
      const made = createRunStore(process.argv[2]).create('run');
      if (!made.ok) throw new Error(made.error.message);
      made.value.snapshot({ round: 0, filling: '' });
      process.stdout.write('begun\\n');
      for (let round = 1; round <= 500; round += 1)
        made.value.snapshot({ round, filling: String(round).repeat(20_000) });
    `);
    const child = spawn(process.execPath, [writer, state], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const rounds = new Set<number>();
    let torn = 0;
    const gone = once(child, 'exit').then(() => 'gone');
    while ((await Promise.race([gone, new Promise((resolve) => setImmediate(resolve))])) !== 'gone') {
      const read = readStoredRun(state, 'run');
      const document = read.ok ? (read.value?.document as { round: number; filling: string }) : undefined;
      if (
        document === undefined ||
        document.filling !== (document.round === 0 ? '' : String(document.round).repeat(20_000))
      )
        torn += 1;
      else rounds.add(document.round);
    }
    expect(torn).toBe(0);
    expect(rounds.size).toBeGreaterThan(5);
  });
});

describe('executions', () => {
  test('are listed with the one changed last first', () => {
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      const run = held(store.create(id));
      run.advance(id, AT, BEGINNING);
      run.release();
      const time = new Date(Date.parse(AT) + (id === 'b' ? 100_000 : index * 1000));
      utimesSync(join(runDirectory(state, id), 'journal.jsonl'), time, time);
    }
    mkdirSync(join(state, 'runs', 'without-journal'));
    expect(listExecutions(state)).toEqual(['b', 'c', 'a']);
  });

  test('are none where there is no directory', () => {
    expect(listExecutions(join(state, 'nowhere'))).toEqual([]);
  });

  test('that are removed leave nothing', () => {
    createdRun().release();
    expect(removeRun(state, 'run')).toEqual({ ok: true, value: undefined });
    expect(existsSync(directory)).toBe(false);
  });
});

describe('the places of an attempt', () => {
  test('are private, and an answer of an earlier one of the same name is gone', () => {
    const places = attemptPlaces(directory, 'alex/0-1');
    writeFileSync(places.answerFile, '{"rating":1}');
    expect(readAnswer(places.answerFile)).toEqual({ rating: 1 });
    const again = attemptPlaces(directory, 'alex/0-1');
    expect(again).toEqual(places);
    expect(readAnswer(again.answerFile)).toBeUndefined();
    expect(statSync(again.scratchDir).mode & 0o777).toBe(0o700);
    expect(again.logFile).toBe(join(directory, 'logs', 'alex', '0-1.log'));
  });

  test.each([
    [
      'a directory with something in it',
      (file: string) => mkdirSync(join(file, 'a', 'b'), { recursive: true }),
    ],
    ['a link to nowhere', (file: string) => symlinkSync(join(directory, 'nowhere'), file)],
    ['a link to a directory', (file: string) => symlinkSync(state, file)],
  ])('are free again where an earlier attempt left %s', (_what, leave) => {
    const { answerFile, outputFile } = attemptPlaces(directory, 'alex/0-1');
    for (const file of [answerFile, outputFile]) leave(file);
    attemptPlaces(directory, 'alex/0-1');
    for (const file of [answerFile, outputFile]) {
      writeFileSync(file, '"mine"', { flag: 'wx' });
      expect(readAnswer(file)).toBe('mine');
    }
    expect(existsSync(state)).toBe(true);
    expect(existsSync(join(directory, 'nowhere'))).toBe(false);
  });

  test('give no answer where it is not JSON or too large', () => {
    const { answerFile } = attemptPlaces(directory, 'alex/0-1');
    writeFileSync(answerFile, 'rating: 5');
    expect(readAnswer(answerFile)).toBeUndefined();
    writeFileSync(answerFile, JSON.stringify('x'.repeat((1 << 20) + 1)));
    expect(readAnswer(answerFile)).toBeUndefined();
  });

  test('of plain commands share a private scratch directory and nothing else', () => {
    const [one, two] = ['lint/0-1', 'test/0-1'].map((name) => attemptPlaces(directory, name, 'shared'));
    expect(one?.scratchDir).toBe(two?.scratchDir);
    expect(statSync(one?.scratchDir ?? '').mode & 0o777).toBe(0o700);
    expect(one?.logFile).not.toBe(two?.logFile);
    expect(one?.outputFile).not.toBe(two?.outputFile);
    expect(attemptPlaces(directory, 'alex/0-1').scratchDir).not.toBe(one?.scratchDir);
  });

  test('are removed but for logs and answers', () => {
    const places = attemptPlaces(directory, 'alex/0-1');
    mkdirSync(join(directory, 'logs', 'alex'), { recursive: true });
    for (const file of [places.logFile, places.answerFile]) writeFileSync(file, '{}');
    removeScratch(directory);
    expect(existsSync(places.scratchDir)).toBe(false);
    expect([places.logFile, places.answerFile].map((file) => existsSync(file))).toEqual([true, true]);
  });
});
