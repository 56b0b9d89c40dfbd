import type { EventOf } from './event-of.ts';
import { stageOf } from './lookup.ts';
import type { RollbackState, RollbackStep, RunState } from './state.ts';
import { addUsage } from './usage.ts';

export function rollbackStarted(state: RunState, event: EventOf<'rollback.started'>): void {
  state.rollbacks.push({
    id: event.rollbackId,
    cause: event.cause,
    target: event.target,
    steps: event.stages.map((stage) => ({ stage, status: 'pending' })),
    startedAt: event.at,
    status: 'running',
    ...(event.failedStage === undefined ? {} : { failedStage: event.failedStage }),
    ...(event.actor === undefined ? {} : { actor: event.actor }),
    ...(event.reason === undefined ? {} : { reason: event.reason }),
  });
  delete state.rollbackDue;
  state.phase = 'running';
  state.code = 'ROLLING_BACK';
}

export function rollbackStepStarted(state: RunState, event: EventOf<'rollback.step.started'>): void {
  const step = stepOf(state, event);
  if (step === undefined) return;
  step.status = 'running';
  step.agent = event.agent;
  step.startedAt ??= event.at;
  state.code = 'ROLLING_BACK';
}

/** A step that was interrupted is made again. */
export function rollbackStepFinished(state: RunState, event: EventOf<'rollback.step.finished'>): void {
  const step = stepOf(state, event);
  if (step === undefined) return;
  const stage = stageOf(state, event.stage);
  if (event.usage !== undefined) addUsage(state, stage, event.usage);
  step.status = event.status === 'interrupted' ? 'pending' : event.status;
  if (event.exitCode !== undefined) step.exitCode = event.exitCode;
  if (event.message !== undefined) step.message = event.message;
  if (event.logFile !== undefined) step.logFile = event.logFile;
  if (event.status === 'interrupted') return;
  step.endedAt = event.at;
  if (event.status === 'succeeded') stage.undoneBy = event.rollbackId;
}

export function rollbackFinished(state: RunState, event: EventOf<'rollback.finished'>): void {
  const rollback = state.rollbacks.find((entry) => entry.id === event.rollbackId);
  if (rollback === undefined) return;
  rollback.status = event.status;
  rollback.endedAt = event.at;
  if (event.message !== undefined) rollback.message = event.message;
}

/** The rollback that is being done. */
export function runningRollback(state: RunState): RollbackState | undefined {
  const last = state.rollbacks.at(-1);
  return last?.status === 'running' ? last : undefined;
}

function stepOf(state: RunState, key: { rollbackId: string; stage: string }): RollbackStep | undefined {
  const rollback = state.rollbacks.find((entry) => entry.id === key.rollbackId);
  return rollback?.steps.find((step) => step.stage === key.stage);
}
