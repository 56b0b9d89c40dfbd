import type { RunEvent } from '../../src/core/run/event.ts';
import { hasEnded } from '../../src/core/run/readiness.ts';
import type { FrameState, RunState } from '../../src/core/run/state.ts';

/** What the fold keeps beside the stages themselves, counted anew from them. */
export function recount(state: RunState) {
  const frames = [...state.stages.values()].flatMap((stage) => stage.frames);
  const stages = [...state.stages.values()];
  const unopened = stages.filter(
    (stage) => stage.frames.length === 0 && stage.status !== 'skipped' && stage.status !== 'succeeded',
  ).length;
  const over = isOver(state);
  const open = over ? [] : state.pipeline.stages.filter((stage) => !hasEnded(statusOf(state, stage.name)));
  const unmetOf = (needs: readonly string[]) =>
    needs.filter((need) => !hasEnded(statusOf(state, need))).length;
  const pending = open.filter((stage) => statusOf(state, stage.name) === 'pending');
  return {
    totalFrames: unopened + frames.filter((frame) => frame.phase !== 'skipped').length,
    approved: inPhase(frames, 'approved'),
    rejected: inPhase(frames, 'rejected'),
    failed:
      inPhase(frames, 'failed') +
      stages.filter((stage) => stage.frames.length === 0 && stage.status === 'failed').length,
    attempts: [...frames, ...stages.flatMap((stage) => stage.earlier)].reduce(
      (sum, frame) => sum + frame.attempts.length,
      0,
    ),
    retriedFrames: frames.filter(({ attempts }) =>
      attempts.some(
        ({ number, outcome }) =>
          number < attempts.length &&
          outcome !== 'quota' &&
          outcome !== 'overloaded' &&
          outcome !== 'billing',
      ),
    ).length,
    stages: stages.map(({ name, frames: own, open: atWork, status }) => ({
      name,
      ended: own.filter((frame) => ENDED.has(frame.phase)).length,
      approved: inPhase(own, 'approved'),
      rejected: inPhase(own, 'rejected'),
      failed: inPhase(own, 'failed') + (own.length === 0 && status === 'failed' ? 1 : 0),
      next: nextOf(own, atWork),
    })),
    unfinished: open.length,
    gated: open
      .filter((stage) => statusOf(state, stage.name) === 'waiting_approval')
      .map((stage) => stage.name)
      .sort(),
    active: open
      .filter((stage) => statusOf(state, stage.name) === 'running')
      .map((stage) => stage.name)
      .sort(),
    ready: pending
      .filter((stage) => unmetOf(stage.needs) === 0)
      .map((stage) => stage.name)
      .sort(),
    unmet: Object.fromEntries(
      pending.map((stage) => [stage.name, unmetOf(stage.needs)] as const).filter(([, unmet]) => unmet > 0),
    ),
  };
}

const ENDED = new Set(['approved', 'rejected', 'failed', 'skipped']);

function nextOf(frames: readonly FrameState[], atWork: ReadonlySet<number>): number {
  const next = frames.findIndex(({ phase, index }) => !ENDED.has(phase) && !atWork.has(index));
  return next === -1 ? frames.length : next;
}

/** The same figures as the fold keeps them. */
export function kept(state: RunState) {
  const { totalFrames, approved, rejected, failed, attempts, retriedFrames } = state.metrics;
  return {
    totalFrames,
    approved,
    rejected,
    failed,
    attempts,
    retriedFrames,
    stages: [...state.stages.values()].map(({ name, endedFrames, nextFrame, metrics }) => ({
      name,
      ended: endedFrames,
      approved: metrics.approved,
      rejected: metrics.rejected,
      failed: metrics.failed,
      next: nextFrame,
    })),
    unfinished: state.unfinished,
    gated: [...state.gated].sort(),
    active: [...state.active].sort(),
    ready: [...state.ready].sort(),
    unmet: Object.fromEntries(state.unmet),
  };
}

/** Rules that the order of events in any journal must hold; the first one broken, in words. */
export function brokenRule(journal: readonly RunEvent[]): string | undefined {
  const ended = new Set<string>();
  const succeeded = new Set<string>();
  const sentBack = new Set<string>();
  const sentBackOnce = new Set<string>();
  const attempts = new Map<string, number>();
  let needs = new Map<string, readonly string[]>();
  for (const event of journal) {
    switch (event.type) {
      case 'run.created':
        needs = new Map(event.pipeline.stages.map((stage) => [stage.name, stage.needs]));
        break;
      case 'segment.started':
        for (const name of ended) if (!succeeded.has(name)) ended.delete(name);
        break;
      case 'stage.started': {
        const early = (needs.get(event.stage) ?? []).find((need) => !ended.has(need) || sentBack.has(need));
        if (early !== undefined) return `${event.stage} started before ${early} had ended`;
        if (ended.has(event.stage)) return `${event.stage} started after its end`;
        break;
      }
      case 'attempt.started': {
        const key = `${event.stage}/${event.frame}`;
        if (succeeded.has(event.stage) && !sentBack.has(event.stage))
          return `${event.stage} works again after its success`;
        if (event.attempt !== (attempts.get(key) ?? 0) + 1) return `${key} skips an attempt number`;
        attempts.set(key, event.attempt);
        break;
      }
      case 'feedback.given':
        if (event.verdict !== 'revise' || sentBackOnce.has(event.about)) break;
        sentBack.add(event.about);
        sentBackOnce.add(event.about);
        break;
      case 'stage.skipped':
        if (ended.has(event.stage)) return `${event.stage} skipped after its end`;
        if (event.reason !== 'RUN_HALTED' && event.reason !== 'UPSTREAM_FAILED') succeeded.add(event.stage);
        ended.add(event.stage);
        break;
      case 'stage.finished':
        if (ended.has(event.stage) && !sentBack.has(event.stage)) return `${event.stage} ended twice`;
        ended.add(event.stage);
        sentBack.delete(event.stage);
        // Failed frames of a partial success are done again where the run is continued.
        if (event.status === 'succeeded' && event.code !== 'PARTIAL_SUCCESS') succeeded.add(event.stage);
        break;
      default:
        break;
    }
  }
  return undefined;
}

/** The run's result as it does not depend on the way that led to it. */
export function resultOf(state: RunState) {
  return {
    phase: state.phase,
    code: state.code,
    stages: Object.fromEntries(
      [...state.stages.values()].map((stage) => [
        stage.name,
        stage.skip === undefined ? stage.status : `${stage.status}: ${stage.skip.reason}`,
      ]),
    ),
    frames: {
      total: state.metrics.totalFrames,
      approved: state.metrics.approved,
      rejected: state.metrics.rejected,
      failed: state.metrics.failed,
    },
  };
}

function isOver(state: RunState): boolean {
  return state.phase === 'succeeded' || state.phase === 'failed' || state.phase === 'cancelled';
}

function statusOf(state: RunState, name: string) {
  return state.stages.get(name)?.status ?? 'pending';
}

function inPhase(frames: readonly FrameState[], phase: FrameState['phase']): number {
  return frames.filter((frame) => frame.phase === phase).length;
}
