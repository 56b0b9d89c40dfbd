import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { appendEntry } from '../../../src/edges/recorder/append.ts';
import { eachEntry, lastEntries } from '../../../src/edges/recorder/read.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { measureTraffic, runUntilItSurvives, runWithFaults } from '../../rig/crash.ts';
import { anEntry, runId } from './history-entries.ts';

const base = mkdtempSync(join(tmpdir(), 'murmur8-crash-'));
const state = join(base, 'state');
const file = join(state, 'pipeline-history.json');
const program = bundleProgram(`
  import { appendEntry } from './src/edges/recorder/append.ts';
  const [file, ...entries] = process.argv.slice(2);
  for (const entry of entries) {
    const result = appendEntry(file, JSON.parse(entry));
    process.stdout.write(JSON.stringify(result) + '\\n');
    if (!result.ok) process.exitCode = 1;
  }
`);
const append = (...numbers: number[]) => ({
  argv: [program, file, ...numbers.map((number) => JSON.stringify(anEntry({ runId: runId(number) })))],
  under: state,
});

beforeEach(() => {
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function appendTwo(): void {
  for (const number of [1, 2]) appendEntry(file, anEntry({ runId: runId(number) }));
}

/** What this program sees: the run ids, or a failure of the test if the file is not a whole array. */
function seen(): unknown[] {
  return [...eachEntry(file)].map((item) => {
    if (!item.ok) throw new Error(`${item.error.message} in ${readFileSync(file, 'utf8')}`);
    return item.value['runId'];
  });
}

function newestFirst(): unknown[] {
  const result = lastEntries(file, 1000);
  if (!result.ok) throw new Error(result.error.message);
  return result.value.map((entry) => entry['runId']);
}

describe('a writer killed at any change of a file', () => {
  it.each([
    ['its own layout', appendTwo],
    [
      'the layout of 4.x',
      () =>
        writeFileSync(
          file,
          JSON.stringify(
            [1, 2].map((number) => anEntry({ runId: runId(number) })),
            null,
            2,
          ),
        ),
    ],
  ])('leaves a whole array in %s, and the next writer loses nothing and doubles nothing', (_name, fill) => {
    const template = join(base, 'template');
    rmSync(template, { recursive: true, force: true });
    fill();
    cpSync(state, template, { recursive: true });
    const points = runUntilItSurvives(
      {
        ...append(3),
        prepare() {
          rmSync(state, { recursive: true });
          cpSync(template, state, { recursive: true });
        },
      },
      () => {
        const before = seen();
        expect([[1, 2].map(runId), [1, 2, 3].map(runId)]).toContainEqual(before);
        expect(newestFirst()).toEqual([...before].reverse());
        expect(appendEntry(file, anEntry({ runId: runId(4) })).ok).toBe(true);
        const healed = seen();
        expect(healed).toEqual([...before, runId(4)]);
        expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(healed.length);
        expect(appendEntry(file, anEntry({ runId: runId(3) })).ok).toBe(true);
        expect(seen().toSorted()).toEqual([1, 2, 3, 4].map(runId));
        expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(4);
      },
    );
    expect(points).toBeGreaterThan(8);
    expect(seen()).toEqual([1, 2, 3].map(runId));
  });

  it('leaves no file or a whole one when it was the first', () => {
    const points = runUntilItSurvives(
      {
        ...append(1),
        prepare() {
          rmSync(state, { recursive: true });
          mkdirSync(state);
        },
      },
      () => {
        expect([[], [runId(1)]]).toContainEqual(seen());
        appendEntry(file, anEntry({ runId: runId(1) }));
        expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([anEntry({ runId: runId(1) })]);
      },
    );
    expect(points).toBeGreaterThan(6);
  });

  it('can be killed again and again in the same world without a loss', () => {
    const points = runUntilItSurvives(append(1, 2, 3), () => {
      const ids = seen();
      expect(new Set(ids).size).toBe(ids.length);
    });
    expect(points).toBeGreaterThan(10);
    expect(seen().toSorted()).toEqual([1, 2, 3].map(runId));
  });
});

describe('a disk that refuses', () => {
  it.each(['ENOSPC', 'EIO', 'EACCES'])(
    'with %s from any change on leaves every entry readable and says so',
    (code) => {
      appendTwo();
      const template = join(base, 'template-full');
      rmSync(template, { recursive: true, force: true });
      cpSync(state, template, { recursive: true });
      for (let at = 1; ; at += 1) {
        rmSync(state, { recursive: true });
        cpSync(template, state, { recursive: true });
        const result = runWithFaults(append(3), { code, at });
        const ids = seen();
        expect([[1, 2].map(runId), [1, 2, 3].map(runId)]).toContainEqual(ids);
        if (result.status === 0) {
          expect(ids).toEqual([1, 2, 3].map(runId));
          expect(at).toBeGreaterThan(5);
          break;
        }
        expect(result.stderr).toBe('');
        expect(JSON.parse(result.stdout)).toMatchObject({
          ok: false,
          error: { file, message: expect.stringContaining(code) },
        });
      }
    },
  );

  it('that takes one write and not the next puts the old end of the file back', () => {
    appendTwo();
    let before = readFileSync(file, 'utf8');
    let refused = 0;
    for (let at = 1; at < 30; at += 1) {
      const result = runWithFaults(append(at + 2), { code: 'ENOSPC', at, times: 1 });
      if (result.status !== 0) {
        refused += 1;
        expect(readFileSync(file, 'utf8')).toBe(before);
      }
      before = readFileSync(file, 'utf8');
      JSON.parse(before);
    }
    expect(refused).toBeGreaterThan(3);
  });
});

describe('the cost of an append', () => {
  it('is the same at 10 and at 100,000 entries: it reads and writes only the end', () => {
    const report = join(base, 'report.json');
    const traffic = [10, 100_000].map((count) => {
      rmSync(state, { recursive: true });
      mkdirSync(state);
      const lines = Array.from({ length: count }, (_, number) =>
        JSON.stringify(anEntry({ runId: runId(number + 10) })),
      );
      writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
      return measureTraffic(append(1), report);
    });
    const [small, large] = traffic;
    expect(large?.bytesRead).toBeLessThan(128 * 1024);
    expect(large?.bytesWritten).toBeLessThan((small?.bytesWritten ?? 0) + 200);
    expect(large?.changes).toBe(small?.changes);
    expect(
      readFileSync(file, 'utf8')
        .trimEnd()
        .endsWith(`${JSON.stringify(anEntry({ runId: runId(1) }))}\n]`),
    ).toBe(true);
  }, 30_000);
});

it('leaves nothing beside the file but the lock directory', () => {
  appendTwo();
  expect(readdirSync(state).toSorted()).toEqual(['.history-lock', 'pipeline-history.json']);
});
