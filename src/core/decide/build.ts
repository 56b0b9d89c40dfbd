import type { Evaluated } from '../condition/evaluated.ts';
import type { Stage } from '../pipeline/definition.ts';
import type { RunState, StageState } from '../run/state.ts';
import type { Decision, Work } from './decision.ts';

export function perform(work: Work): Decision {
  return { do: 'perform', key: keyOf(work), work };
}

export function skip(
  stage: string,
  reason: 'WHEN_FALSE' | 'WHEN_UNKNOWN' | 'UPSTREAM_SKIPPED' | 'UPSTREAM_FAILED' | 'RUN_HALTED',
  evaluated?: { readonly detail: string; readonly condition: Evaluated },
): Decision {
  return { do: 'record', event: { type: 'stage.skipped', stage, reason, ...evaluated } };
}

export function stopRun(code: string, threshold: number, actual: number, message?: string): Decision {
  return {
    do: 'record',
    event: { type: 'run.stopped', code, threshold, actual, ...(message === undefined ? {} : { message }) },
  };
}

export function stageState(state: RunState, name: string): StageState {
  const stage = state.stages.get(name);
  if (stage === undefined) throw new Error(`no stage named ${name}`);
  return stage;
}

export function definitionOf(state: RunState, name: string): Stage {
  const stage = state.definitions.get(name);
  if (stage === undefined) throw new Error(`no definition of stage ${name}`);
  return stage;
}

function keyOf(work: Work): string {
  switch (work.kind) {
    case 'attempt':
    case 'judge':
    case 'ask-question':
      return `${work.kind}:${work.stage}:${work.frame}:${work.attempt}`;
    case 'open':
      return `open:${work.stage}`;
    case 'review':
    case 'ask-gate':
      return `${work.kind}:${work.stage}:${work.about}`;
    case 'ask-approval':
      return `ask-approval:${work.stage}:${work.nth}`;
    case 'notify':
      return `notify:${work.approvalId}`;
    case 'undo':
      return `undo:${work.rollbackId}:${work.stage}`;
    case 'close':
      return 'close';
  }
}
