import { nearestTo } from '../../core/nearest.ts';
import type { PipelineRunRow } from '../../core/record/run.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { REASONS } from '../../core/status/reason.ts';
import type { RunMetrics } from '../../core/status/run-status.ts';
import { createRegistry } from '../../edges/registry/registry.ts';
import { type RunHistoryEntry, readRunHistory } from '../../edges/registry/run-history.ts';
import { allRuns, type KnownRun } from '../runs.ts';
import { hasLostOwner } from './read-run.ts';

/** A run, with its frames and attempts as its status has or had them; null where nobody recorded them. */
export interface PipelineHistoryRow extends PipelineRunRow {
  metrics: RunMetrics | null;
}

/**
 * The runs of a pipeline, newest first, also when it was deleted or when the files of a run were cleaned away. A
 * problem `not-found` for a name that no pipeline and no run has.
 */
export function runsOfPipeline(
  stateDirectory: string,
  name: string,
  limit: number,
): Result<readonly PipelineHistoryRow[]> {
  const history = readRunHistory(stateDirectory);
  if (!history.ok) return history;
  const rows = new Map<string, PipelineHistoryRow>();
  const names = new Set<string>();
  for (const entry of history.value) {
    names.add(entry.pipeline);
    if (entry.pipeline === name)
      rows.set(entry.execution_id, rowOfEntry(entry, rows.get(entry.execution_id)));
  }
  // By its journal where an owner died: its status document may not have its end yet.
  for (const run of allRuns(stateDirectory)) {
    const { document } = run;
    if (document.slug !== undefined) continue;
    names.add(document.pipeline);
    if (document.pipeline === name) rows.set(document.executionId, rowOfRun(run, rows));
  }
  if (rows.size === 0 && !isRegistered(stateDirectory, name, names)) return fail(unknown(name, names));
  const newest = [...rows.values()].sort((left, right) => (left.started_at < right.started_at ? 1 : -1));
  return ok(newest.slice(0, limit));
}

/** The latest segment says how it ended, the first one when it began. */
function rowOfEntry(entry: RunHistoryEntry, before: PipelineRunRow | undefined): PipelineHistoryRow {
  return {
    id: entry.execution_id,
    pipeline_id: entry.pipeline_id,
    pipeline: entry.pipeline,
    revision: entry.revision,
    status: entry.status,
    reason_code: entry.reason_code,
    message: entry.message,
    trigger_event: entry.trigger_event,
    delivery_id: entry.delivery_id,
    triggered_by: entry.triggered_by,
    started_at: before?.started_at ?? entry.started_at,
    completed_at: entry.completed_at,
    with_warnings: entry.with_warnings,
    metrics: entry.metrics ?? null,
  };
}

function rowOfRun(run: KnownRun, rows: ReadonlyMap<string, PipelineHistoryRow>): PipelineHistoryRow {
  const { document } = run;
  const { cause, phase, status } = document;
  const lost = hasLostOwner(run, phase);
  return {
    id: document.executionId,
    pipeline_id: document.pipelineId ?? null,
    pipeline: document.pipeline,
    revision: rows.get(document.executionId)?.revision ?? document.revision ?? null,
    status: lost ? 'failed' : phase,
    reason_code: lost ? 'SYS_OWNER_LOST' : status.reason_code,
    message: lost ? REASONS.SYS_OWNER_LOST.message : messageOf(document, rows.get(document.executionId)),
    trigger_event: cause?.event ?? cause?.kind ?? 'manual',
    delivery_id: cause?.deliveryId ?? null,
    triggered_by: cause?.actor ?? 'unknown',
    started_at: document.startedAt,
    completed_at: document.endedAt ?? (lost ? status.timestamp : null),
    with_warnings: phase === 'succeeded' && document.withWarnings === true,
    metrics: status.metrics,
  };
}

/** What the record says; without one (a crash came between) what the status says. */
function messageOf(
  { endedAt, status }: KnownRun['document'],
  row: PipelineRunRow | undefined,
): string | null {
  if (endedAt === undefined) return null;
  return row === undefined || row.completed_at !== endedAt ? status.message : row.message;
}

function isRegistered(stateDirectory: string, name: string, names: Set<string>): boolean {
  const listed = createRegistry(stateDirectory).list();
  if (!listed.ok) return false;
  for (const { record } of listed.value) names.add(record.name);
  return names.has(name);
}

function unknown(name: string, names: ReadonlySet<string>) {
  const near = nearestTo(name.slice(0, 80), names);
  return {
    code: 'not-found',
    message: `there is no pipeline ${JSON.stringify(name.slice(0, 80))}, and no run of one`,
    hint: near === undefined ? 'murmur8 pipeline list shows the registered ones' : `did you mean ${near}?`,
  };
}
