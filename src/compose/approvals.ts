import { join } from 'node:path';
import { nearestBeginning } from '../core/nearest.ts';
import type { Problem } from '../core/problem.ts';
import { type ApprovalRow, approvalRecord, approvalRecords } from '../core/record/approvals.ts';
import { type AuditRow, auditRows } from '../core/record/audit.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { replay } from '../core/run/apply.ts';
import { auditBreak } from '../core/run/audit.ts';
import type { RunEvent } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import { sha256 } from '../edges/clock/digest.ts';
import { readRunHistory } from '../edges/registry/run-history.ts';
import { readJournal } from '../edges/store/journal.ts';
import { type KnownRun, knownRuns } from './feature/find-run.ts';

/** An approval in the run that asked for it. */
export interface KnownApproval {
  readonly run: KnownRun;
  readonly state: RunState;
  readonly events: readonly RunEvent[];
  readonly row: ApprovalRow;
}

export interface Verification {
  readonly runId: string;
  readonly intact: boolean;
  readonly entries: number;
  readonly head: string;
  readonly brokenAt: number | null;
  readonly message: string | null;
}

/**
 * Approvals of all runs, the newest first. Only open ones are cheap to find: they stand in the runs' status, so
 * that no journal is read in vain. A run whose journal cannot be read is named by `warn` and passed over.
 */
export function listApprovals(
  stateDirectory: string,
  options: { readonly pendingOnly: boolean; readonly warn: (problem: Problem) => void },
): ApprovalRow[] {
  const rows: ApprovalRow[] = [];
  for (const run of knownRuns(stateDirectory)) {
    if (options.pendingOnly && (run.document.approvals ?? []).length === 0) continue;
    if (run.document.slug !== undefined) continue;
    const read = readRun(run);
    if (!read.ok) options.warn(read.error);
    else
      rows.push(
        ...approvalRecords(read.value.state).filter(
          (row) => !options.pendingOnly || row.status === 'pending',
        ),
      );
  }
  return rows.sort((one, other) => (one.requested_at < other.requested_at ? 1 : -1));
}

/** An approval by its id or a unique beginning of it. Open ones are looked at first. */
export function findApproval(stateDirectory: string, name: string): Result<KnownApproval> {
  const open = openApprovals(stateDirectory).filter(({ id }) => id.startsWith(name));
  const exact = open.find(({ id }) => id === name) ?? (open.length === 1 ? open[0] : undefined);
  if (exact !== undefined) return approvalIn(exact.run, exact.id);
  if (open.length > 1)
    return fail(
      ambiguous(
        name,
        open.map(({ id }) => id),
      ),
    );
  const found: KnownApproval[] = [];
  const ids: string[] = [];
  for (const run of knownRuns(stateDirectory)) {
    if (run.document.slug !== undefined) continue;
    const read = readRun(run);
    if (!read.ok) continue;
    for (const approval of read.value.state.approvals.values()) {
      ids.push(approval.id);
      if (name === '' || !approval.id.startsWith(name)) continue;
      found.push({ run, ...read.value, row: approvalRecord(read.value.state, approval) });
    }
  }
  const [first] = found;
  if (first !== undefined && found.length === 1) return ok(first);
  return fail(
    found.length > 1
      ? ambiguous(
          name,
          found.map(({ row }) => row.id),
        )
      : notFound(name, ids),
  );
}

/** What is on record about an approval. */
export function auditOf({ events, row }: KnownApproval): AuditRow[] {
  return auditRows(events, row.id);
}

/**
 * Whether the audit of a run is what was written: its chain holds, and the heads that the history of pipelines kept
 * are links of it. Notifications carry heads as well, which only their receivers can compare.
 */
export function verifyAudit(stateDirectory: string, run: KnownRun): Result<Verification> {
  const read = readRun(run);
  if (!read.ok) return read;
  const { events, state } = read.value;
  const history = readRunHistory(stateDirectory);
  if (!history.ok) return history;
  const heads = history.value
    .filter((entry) => entry.execution_id === state.executionId && entry.audit_head !== '')
    .map((entry) => entry.audit_head);
  const broken = auditBreak(events, sha256, heads);
  return ok({
    runId: state.executionId,
    intact: broken === undefined,
    entries: auditRows(events).length,
    head: state.auditHead,
    brokenAt: broken?.seq ?? null,
    message: broken?.message ?? null,
  });
}

function openApprovals(stateDirectory: string): { readonly run: KnownRun; readonly id: string }[] {
  const open: { run: KnownRun; id: string }[] = [];
  for (const run of knownRuns(stateDirectory)) {
    for (const { id } of run.document.approvals ?? []) open.push({ run, id });
  }
  return open;
}

function approvalIn(run: KnownRun, id: string): Result<KnownApproval> {
  const read = readRun(run);
  if (!read.ok) return read;
  const approval = read.value.state.approvals.get(id);
  return approval === undefined
    ? fail(notFound(id, []))
    : ok({ run, ...read.value, row: approvalRecord(read.value.state, approval) });
}

function readRun(run: KnownRun): Result<{ readonly state: RunState; readonly events: readonly RunEvent[] }> {
  const file = join(run.stored.directory, 'journal.jsonl');
  const journal = readJournal(file);
  if (!journal.ok) return journal;
  const { events } = journal.value;
  const state = replay(structuredClone(events));
  return state === undefined
    ? fail({ code: 'SYS_STATE_CORRUPT', message: 'the journal of the run is empty', file })
    : ok({ state, events });
}

function ambiguous(name: string, ids: readonly string[]): Problem {
  return {
    code: 'bad-id',
    message: `${name === '' ? 'nothing' : name} begins the ids of ${ids.length} approvals`,
    hint: `write more of one: ${ids.slice(0, 5).join(', ')}`,
  };
}

function notFound(name: string, ids: readonly string[]): Problem {
  const near = nearestBeginning(name, ids);
  return {
    code: 'not-found',
    message: `there is no approval ${JSON.stringify(name.slice(0, 80))}`,
    hint: near === undefined ? 'murmur8 approval list shows them' : `did you mean ${near}?`,
  };
}
