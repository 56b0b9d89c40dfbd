import type { RunEventBody } from '../run/event.ts';
import { rollbackPlan } from '../run/rollback-plan.ts';
import type { RollbackState, RunState, StageState } from '../run/state.ts';
import { definitionOf, perform, stageState } from './build.ts';
import type { Decision } from './decision.ts';

/** The next step of a rollback that is being done. One at a time; it stops at the first that fails, and is never retried. */
export function forRollback(rollback: RollbackState): Decision[] {
  const next = rollback.steps.find((step) => step.status !== 'succeeded');
  if (next === undefined) return [finish(rollback, 'succeeded')];
  if (next.status === 'failed') return [finish(rollback, 'failed', failureOf(rollback))];
  return [perform({ kind: 'undo', stage: next.stage, rollbackId: rollback.id })];
}

/** The rollback that the failure of a stage asks for, if it is one: at most one by itself per run and target. */
export function dueRollback(state: RunState): Decision | undefined {
  if (state.rollbackDue === undefined) return undefined;
  const failed = stageState(state, state.rollbackDue);
  const target = definitionOf(state, failed.name).rollbackTo ?? failed.name;
  const stages = rollbackPlan(state, target);
  const again = state.rollbacks.some((entry) => entry.cause === 'failure' && entry.target === target);
  if (again || stages.length === 0) return undefined;
  return {
    do: 'record',
    event: {
      type: 'rollback.started',
      rollbackId: `${state.executionId}-${state.rollbacks.length + 1}`,
      cause: 'failure',
      target,
      stages,
      failedStage: failed.name,
    },
  };
}

/** The last word of a run that was rolled back, if it was and the word has not been spoken. */
export function afterRollback(state: RunState): RunEventBody | undefined {
  const rollback = state.rollbacks.at(-1);
  if (rollback === undefined || rollback.concluded === true || rollback.status === 'running')
    return undefined;
  const failed = state.failedStage === undefined ? undefined : state.stages.get(state.failedStage);
  const done = rollback.steps.filter((step) => step.status === 'succeeded').map((step) => step.stage);
  const outcome =
    rollback.status === 'succeeded'
      ? `undone: ${done.join(', ')}`
      : `${rollback.message ?? 'the rollback did not come to its end'}; undone: ${done.join(', ') || 'nothing'}`;
  return {
    type: 'run.finished',
    status: 'failed',
    code: rollback.status === 'succeeded' ? 'ROLLED_BACK' : 'ROLLBACK_FAILED',
    message: [...causeOf(rollback, failed), outcome].join('; '),
    ...(failed === undefined ? {} : { failedStage: failed.name }),
  };
}

function causeOf(rollback: RollbackState, failed: StageState | undefined): string[] {
  if (rollback.cause === 'manual') {
    const why = rollback.reason === undefined ? '' : ` (${rollback.reason})`;
    return [`by ${rollback.actor ?? 'hand'}, to ${rollback.target}${why}`];
  }
  if (failed === undefined) return [];
  const detail = failed.message === undefined || failed.message === '' ? '' : `: ${failed.message}`;
  return [`${failed.name} failed (${failed.code ?? 'STAGE_FAILED'}${detail})`];
}

function failureOf(rollback: RollbackState): string {
  const at = rollback.steps.findIndex((step) => step.status === 'failed');
  const step = rollback.steps[at];
  const left = rollback.steps.slice(at + 1).map((entry) => entry.stage);
  const why = step?.message === undefined || step.message === '' ? '' : `: ${step.message}`;
  const rest = left.length === 0 ? '' : `; not undone: ${left.join(', ')}`;
  return `undoing ${step?.stage ?? ''} failed${why}${rest}`;
}

function finish(rollback: RollbackState, status: 'succeeded' | 'failed', message?: string): Decision {
  return {
    do: 'record',
    event: {
      type: 'rollback.finished',
      rollbackId: rollback.id,
      status,
      ...(message === undefined ? {} : { message }),
    },
  };
}
