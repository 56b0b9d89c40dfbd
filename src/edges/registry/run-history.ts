import { closeSync, fdatasyncSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunMetrics } from '../../core/status/run-status.ts';
import { makePrivateDirectory, writeFully } from '../files/atomic-write.ts';
import { readRange, readTextBounded } from '../files/bounded-read.ts';
import { claimWithin } from '../files/claim.ts';
import { fileProblem } from '../files/file-problem.ts';

/** An ended segment of a pipeline's run, as it is remembered when the run's own files are gone. */
export interface RunHistoryEntry {
  readonly v: 1;
  /** Id of the run. */
  readonly execution_id: string;
  /** Id of the segment that ended. */
  readonly run_id: string;
  readonly pipeline: string;
  /** Id in the registry. */
  readonly pipeline_id: string | null;
  readonly revision: number | null;
  readonly status: 'paused' | 'succeeded' | 'failed' | 'cancelled';
  readonly reason_code: string;
  readonly message: string | null;
  /** `manual`, `schedule`, or the type of the event. */
  readonly trigger_event: string;
  readonly delivery_id: string | null;
  readonly triggered_by: string;
  readonly started_at: string;
  readonly completed_at: string;
  readonly with_warnings: boolean;
  /** Head of the audit's chain at the end; empty when nothing was approved. */
  readonly audit_head: string;
  /** As its status had them at the end; absent in rows of before there were any. */
  readonly metrics?: RunMetrics;
}

const LONGEST_WAIT_MS = 10_000;
const LARGEST = 256 << 20;
/** How far back an entry is looked for before it is added: what an owner left, its successor adds soon after. */
const REMEMBERED = 64 * 1024;
const METRICS: readonly (keyof RunMetrics)[] = [
  'total_frames',
  'frames_completed',
  'frames_failed',
  'frames_remaining',
  'total_attempts',
  'retry_rate',
  'reject_rate',
];

/**
 * Adds an entry: one line of `pipelines/history.jsonl`, durable when this returns. A line that a crash has torn is
 * closed first, so that it costs nothing but itself; an entry that is among the last ones is not added again.
 */
export function appendRunHistory(stateDirectory: string, entry: RunHistoryEntry): Result<void> {
  const path = historyPath(stateDirectory);
  try {
    const locks = join(stateDirectory, 'pipelines', '.lock');
    makePrivateDirectory(locks);
    const claim = claimWithin(locks, 'history', LONGEST_WAIT_MS);
    if (claim === undefined)
      return fail({ code: 'busy', message: 'another process is writing this file', file: path });
    try {
      append(path, entry);
      return ok(undefined);
    } finally {
      claim.release();
    }
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot add to the history of pipelines'));
  }
}

/** All entries, oldest first, each segment once; lines that are none of ours are passed over. */
export function readRunHistory(stateDirectory: string): Result<readonly RunHistoryEntry[]> {
  const text = readTextBounded(historyPath(stateDirectory), LARGEST);
  if (!text.ok) return text;
  const entries = new Map<string, RunHistoryEntry>();
  for (const line of (text.value ?? '').split('\n')) {
    const entry = entryIn(line);
    if (entry !== undefined) entries.set(entry.run_id, entry);
  }
  return ok([...entries.values()]);
}

function historyPath(stateDirectory: string): string {
  return join(stateDirectory, 'pipelines', 'history.jsonl');
}

function append(path: string, entry: RunHistoryEntry): void {
  const fd = openSync(path, 'a+', 0o600);
  try {
    const { size } = fstatSync(fd);
    const end = readRange(fd, Math.max(0, size - REMEMBERED), Math.min(size, REMEMBERED));
    const lines = Buffer.from(end).toString('utf8').split('\n');
    const torn = lines.pop() ?? '';
    // Its owner died after this line and before it could note that it was written.
    if (lines.some((line) => entryIn(line)?.run_id === entry.run_id)) return;
    writeFully(fd, Buffer.from(`${torn === '' ? '' : '\n'}${JSON.stringify(entry)}\n`));
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function entryIn(line: string): RunHistoryEntry | undefined {
  if (line === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (!isEntry(value)) return undefined;
    const { metrics, ...entry } = value;
    return isMetrics(metrics) ? { ...entry, metrics } : entry;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is RunHistoryEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v === 1 &&
    ['execution_id', 'run_id', 'pipeline', 'status', 'reason_code', 'started_at', 'completed_at'].every(
      (key) => typeof Reflect.get(value, key) === 'string',
    )
  );
}

function isMetrics(value: unknown): value is RunMetrics {
  return (
    typeof value === 'object' &&
    value !== null &&
    METRICS.every((key) => Number.isFinite(Reflect.get(value, key)))
  );
}
