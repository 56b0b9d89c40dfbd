import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  appendRunHistory,
  type RunHistoryEntry,
  readRunHistory,
} from '../../../src/edges/registry/run-history.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-runs-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function entry(runId: string): RunHistoryEntry {
  return {
    v: 1,
    execution_id: 'execution',
    run_id: runId,
    pipeline: 'deploy',
    pipeline_id: null,
    revision: 1,
    status: 'failed',
    reason_code: 'STAGE_FAILED',
    message: 'line\nbreak',
    trigger_event: 'manual',
    delivery_id: null,
    triggered_by: 'ann',
    started_at: '2026-01-01T00:00:00.000Z',
    completed_at: '2026-01-01T00:00:01.000Z',
    with_warnings: false,
    audit_head: 'abc',
  };
}

function ids(): string[] {
  const read = readRunHistory(directory);
  if (!read.ok) throw new Error(read.error.message);
  return read.value.map((one) => one.run_id);
}

test('nothing was recorded where there is no file, and nothing is created by looking', () => {
  expect(ids()).toEqual([]);
});

test('keeps one line for each entry, oldest first, and a repeated segment once', () => {
  for (const id of ['one', 'two', 'two']) expect(appendRunHistory(directory, entry(id)).ok).toBe(true);
  expect(ids()).toEqual(['one', 'two']);
  expect(readFileSync(join(directory, 'pipelines/history.jsonl'), 'utf8').split('\n')).toHaveLength(3);
  // However it came there twice: an older version wrote it so.
  const file = join(directory, 'pipelines/history.jsonl');
  appendFileSync(file, readFileSync(file));
  expect(ids()).toEqual(['one', 'two']);
});

test('a line that a crash has torn, and lines of others, cost nothing but themselves', () => {
  appendRunHistory(directory, entry('one'));
  appendFileSync(join(directory, 'pipelines/history.jsonl'), '{"v":1,"execution_id":"to');
  appendRunHistory(directory, entry('two'));
  appendFileSync(join(directory, 'pipelines/history.jsonl'), 'null\n{"v":99}\n');
  expect(ids()).toEqual(['one', 'two']);
});

test('rows of before there were figures, and figures that are none, are read without them', () => {
  const metrics = {
    total_frames: 8,
    frames_completed: 7,
    frames_failed: 1,
    frames_remaining: 0,
    total_attempts: 15,
    retry_rate: 0.375,
    reject_rate: 0.125,
  };
  appendRunHistory(directory, entry('old'));
  appendRunHistory(directory, { ...entry('new'), metrics });
  const foreign = { ...entry('foreign'), metrics: { ...metrics, retry_rate: 'much' } };
  appendFileSync(join(directory, 'pipelines/history.jsonl'), `${JSON.stringify(foreign)}\n`);
  const read = readRunHistory(directory);
  expect(read).toEqual({ ok: true, value: [entry('old'), { ...entry('new'), metrics }, entry('foreign')] });
});
