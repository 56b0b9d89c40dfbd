import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readJournal } from '../../../src/edges/store/journal.ts';
import { createRunStore } from '../../../src/edges/store/run-store.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { measureTraffic, runUntilItSurvives, runWithFaults } from '../../rig/crash.ts';
import { AT, BEGINNING, note, notesIn } from './events.ts';

const base = mkdtempSync(join(tmpdir(), 'murmur8-store-crash-'));
const state = join(base, 'state');
const journal = join(state, 'runs', 'run', 'journal.jsonl');
/** Creates or takes the run, then appends every note alone and says which are durable. */
const program = bundleProgram(`
  import { createRunStore } from './src/edges/store/run-store.ts';
  const [state, beginning, ...batches] = process.argv.slice(2);
  const store = createRunStore(state);
  const run = store.create('run');
  if (!run.ok) throw new Error(run.error.message);
  const wanted = run.value.events.length === 0 ? [beginning, ...batches] : batches;
  for (const batch of wanted) {
    const written = run.value.advance('run', '${AT}', JSON.parse(batch));
    run.value.snapshot({ written: written.ok });
    process.stdout.write(JSON.stringify(written.ok ? 'durable' : written.error) + '\\n');
  }
  run.value.release();
`);
const batches = [[note(1)], [note(2), note(3)], [note(4)]];
const scripted = {
  argv: [program, state, JSON.stringify(BEGINNING), ...batches.map((batch) => JSON.stringify(batch))],
  under: state,
};

beforeEach(() => {
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function notes(): number[] {
  const read = readJournal(journal);
  if (!read.ok) throw new Error(`${read.error.message} (line ${read.error.line})`);
  return notesIn(read.value.events);
}

describe('an owner killed at any change of a file', () => {
  test('leaves a journal that is a beginning of what it wrote, and the next owner goes on from there', () => {
    const seen = new Set<number>();
    const points = runUntilItSurvives(
      {
        ...scripted,
        prepare() {
          rmSync(state, { recursive: true });
          mkdirSync(state);
        },
      },
      () => {
        const before = notes();
        seen.add(before.length);
        expect(before).toEqual([1, 2, 3, 4].slice(0, before.length));
        const taken = createRunStore(state).create('run');
        if (!taken.ok) throw new Error(taken.error.message);
        const begun = taken.value.events.length > 0;
        expect(notesIn(taken.value.events)).toEqual(before);
        const written = taken.value.advance('run', AT, [...(begun ? [] : BEGINNING), note(99)]);
        expect(written.ok).toBe(true);
        taken.value.release();
        expect(notes()).toEqual([...before, 99]);
      },
    );
    expect(points).toBeGreaterThan(15);
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a disk that is full for a moment', () => {
  test.each([
    ['one change fails', 1],
    ['taking back what was written fails as well', 2],
  ])('loses that append only, says so, and the next one stands on a line of its own: %s', (_name, times) => {
    let failed = 0;
    const { changes } = measureTraffic(scripted, join(base, 'report.json'));
    for (let at = 1; at <= changes; at += 1) {
      rmSync(state, { recursive: true, force: true });
      mkdirSync(state);
      const result = runWithFaults(scripted, { code: 'ENOSPC', at, times });
      // Before the lease is held there is nothing to append to.
      if (result.status !== 0) continue;
      const answers = result.stdout
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
      const lost = answers.findIndex((answer) => answer !== 'durable');
      // Nobody writes after the last append; and a run without a beginning has no journal to speak of.
      if (lost <= 0 || (times > 1 && lost === batches.length)) continue;
      failed += 1;
      expect(answers[lost]).toMatchObject({ code: 'SYS_WRITE_ERROR', file: journal });
      const kept = [BEGINNING, ...batches].filter((_batch, index) => answers[index] === 'durable').flat();
      expect(notes()).toEqual(notesIn(kept));
    }
    expect(failed).toBeGreaterThan(2);
  });
});
