import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { statusDocument } from '../../core/status/document.ts';
import type { Refusal } from '../pipelines/change.ts';
import type { SessionResult } from '../session.ts';
import type { PipelineCompany } from './company.ts';
import { createPipelineRun } from './create.ts';
import { driveRun } from './drive-run.ts';
import { type StartedOwner, startOwner } from './owner.ts';
import type { PreparedRun } from './prepare.ts';

/** Creates a run and drives it here to its end or its next stop. */
export async function runPipeline(
  prepared: PreparedRun,
  company: PipelineCompany,
): Promise<Result<SessionResult, Refusal>> {
  const created = await createPipelineRun(prepared);
  if (!created.ok) return fail({ kind: 'problem', problem: created.error });
  const { stateDirectory, warning, ...open } = created.value;
  if (warning !== undefined) company.watcher.warn({ code: 'state-elsewhere', message: warning });
  const driven = await driveRun(open, { ...prepared, stateDirectory }, company);
  return driven.ok ? ok(driven.value) : fail({ kind: 'problem', problem: driven.error });
}

/** A run that goes on without this process. */
export interface DetachedRun extends StartedOwner {
  readonly state: RunState;
  readonly stateDirectory: string;
  readonly warning?: string;
}

/** Creates a run and has it driven in the background. It exists, durably, when this resolves. */
export async function runDetached(prepared: PreparedRun): Promise<Result<DetachedRun, Refusal>> {
  const created = await createPipelineRun(prepared);
  if (!created.ok) return fail({ kind: 'problem', problem: created.error });
  const { run, state, stateDirectory, warning } = created.value;
  run.snapshot(statusDocument(state, []));
  run.release();
  const owner = await startOwner(stateDirectory, run.executionId, process.env);
  if (!owner.ok) return fail({ kind: 'problem', problem: owner.error });
  return ok({ ...owner.value, state, stateDirectory, ...(warning === undefined ? {} : { warning }) });
}
