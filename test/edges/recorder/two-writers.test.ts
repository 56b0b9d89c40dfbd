import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { eachEntry, lastEntries } from '../../../src/edges/recorder/read.ts';
import { bundleProgram } from '../../rig/bundle.ts';
import { anEntry } from './history-entries.ts';

const directory = mkdtempSync(join(tmpdir(), 'murmur8-writers-'));
const file = join(directory, 'pipeline-history.json');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const APPENDS = 100;
const program = bundleProgram(`
  import { appendEntry } from './src/edges/recorder/append.ts';
  const [file, json, first] = process.argv.slice(2);
  for (let number = Number(first); number < Number(first) + ${APPENDS}; number += 1) {
    const result = appendEntry(file, { ...JSON.parse(json), runId: String(number).padStart(12, '0') });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
  }
`);

function writer(first: number): Promise<number | null> {
  const child = spawn(process.execPath, [program, file, JSON.stringify(anEntry()), String(first)], {
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.on('close', resolve));
}

it('two processes with a hundred appends each lose nothing, while a reader always sees a whole array', async () => {
  let running = true;
  const writers = Promise.all([writer(0), writer(1000)]).finally(() => {
    running = false;
  });
  let seen = 0;
  while (running) {
    const fromEnd = lastEntries(file, 5);
    if (!fromEnd.ok) throw new Error(fromEnd.error.message);
    const all = [...eachEntry(file)];
    for (const item of all) if (!item.ok) throw new Error(item.error.message);
    expect(all.length).toBeGreaterThanOrEqual(seen);
    seen = all.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await writers).toEqual([0, 0]);
  const ids: string[] = JSON.parse(readFileSync(file, 'utf8')).map((entry: { runId: string }) => entry.runId);
  expect(ids).toHaveLength(2 * APPENDS);
  expect(new Set(ids).size).toBe(2 * APPENDS);
});
