import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import { runningRollback } from '../../core/run/rollback-events.ts';
import { downstreamOf, rollbackPlan } from '../../core/run/rollback-plan.ts';
import type { RunState } from '../../core/run/state.ts';
import { resumeCommand } from '../../core/status/run-status.ts';
import { newSegment, record } from '../open-run.ts';
import type { Refusal } from '../pipelines/change.ts';
import type { SessionResult } from '../session.ts';
import type { PipelineCompany } from './company.ts';
import { conflict, unknownStage } from './known-stage.ts';
import { withOptions } from './options.ts';
import { driveOn, type GoOn } from './resume.ts';

export interface Rollback extends GoOn {
  readonly to: string;
  readonly reason: string | undefined;
  readonly actor: string;
}

/** Undoes a stage and what came of it, because a person wants it (spec: pipelines 7). The run ends failed. */
export function rollBackPipelineRun(
  rollback: Rollback,
  company: PipelineCompany,
): Promise<Result<SessionResult, Refusal>> {
  return driveOn(rollback, company, (open) => {
    const { run, state } = open;
    const stages = planOf(state, rollback.to);
    if (!stages.ok) return stages;
    return ok({
      ...open,
      begin: () => {
        const settings = withOptions(state.settings, rollback.options);
        const begins = started(state, rollback, stages.value);
        const { actor } = rollback;
        // A run that waits has not ended: it stays in its segment.
        const begun =
          state.endedAt === undefined
            ? record(run, state.runId, state, [begins])
            : newSegment(open, [], { settings, purpose: 'rollback', actor }, [begins]);
        return begun.ok ? ok(begun.value.opened) : begun;
      },
    });
  });
}

/** The stages that a rollback by hand undoes, in order; a problem that says why it cannot be. */
export function planOf(state: RunState, to: string): Result<readonly string[]> {
  const refused = whyNot(state) ?? unknownStage(state, to);
  if (refused !== undefined) return fail(refused);
  const stages = rollbackPlan(state, to);
  return stages.length === 0 ? fail(nothingToUndo(state, to)) : ok(stages);
}

function started(state: RunState, { to, reason, actor }: Rollback, stages: readonly string[]): RunEventBody {
  return {
    type: 'rollback.started',
    rollbackId: `${state.executionId}-${state.rollbacks.length + 1}`,
    cause: 'manual',
    target: to,
    stages: [...stages],
    actor,
    ...(reason === undefined ? {} : { reason }),
  };
}

function whyNot(state: RunState): Problem | undefined {
  const { executionId, phase } = state;
  const status = `murmur8 pipeline status ${executionId} shows how it stands`;
  if (phase === 'cancelled') return conflict(`run ${executionId} was cancelled, which is final`, status);
  if (runningRollback(state) !== undefined)
    return conflict(
      `run ${executionId} is being rolled back already`,
      `${resumeCommand(executionId)} finishes a rollback that was interrupted`,
    );
  if (phase === 'running' || phase === 'pending')
    return conflict(
      `run ${executionId} is under way`,
      'let it end, or interrupt it (Ctrl+C where it runs), then roll it back',
    );
  return undefined;
}

/** Each stage that could have been meant, and why it is not undone. */
function nothingToUndo(state: RunState, to: string): Problem {
  const reasons = downstreamOf(state, to).map((name) => `${name} ${whyNotUndone(state, name, to)}`);
  return conflict(
    `nothing can be undone: ${reasons.slice(0, 10).join('; ')}`,
    'a stage is undone by its own "rollback:" block, and the target also by its own agent',
  );
}

function whyNotUndone(state: RunState, name: string, to: string): string {
  const stage = state.stages.get(name);
  if (stage?.undoneBy !== undefined) return 'was undone already';
  if (stage?.status !== 'succeeded' && stage?.status !== 'failed') return 'did not run';
  const definition = state.definitions.get(name);
  if (definition?.rollback === undefined)
    return name === to ? 'is a command without a "rollback:" block' : 'has no "rollback:" block';
  return 'failed before it began';
}
