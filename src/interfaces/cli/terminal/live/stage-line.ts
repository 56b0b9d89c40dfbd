import { latestApproval } from '../../../../core/run/approval-events.ts';
import { framesAtWork } from '../../../../core/run/frames.ts';
import { openQuestionOf } from '../../../../core/run/question.ts';
import type { FrameState, RollbackStep, RunState, StageState } from '../../../../core/run/state.ts';
import { approvedVotes } from '../../report/approval-lines.ts';
import { formatDuration } from '../../report/duration.ts';
import { namesAsText } from '../../report/graph/stage-text.ts';
import { formatCount, formatMoney } from '../../report/money.ts';
import { oneLine } from '../../report/one-line.ts';

/** What to tell of a stage beside its name, most important first. `now` is in ms since the epoch. */
export function stageDetails(
  stage: StageState,
  state: RunState,
  activity: string | undefined,
  now: number,
): string[] {
  switch (stage.status) {
    case 'pending':
      return [];
    case 'skipped':
      return [oneLine(stage.skip?.detail ?? stage.skip?.reason ?? 'skipped', 200)];
    case 'waiting_approval':
      return waitingDetails(stage, state, now);
    case 'running':
      return [...effortOf(stage, now), workingOn(stage, activity)];
    case 'failed':
      return [...effortOf(stage, now), failureOf(stage), ...undone(stage)];
    case 'succeeded':
    case 'cancelled':
      return [...effortOf(stage, now), ...undone(stage)];
  }
}

/** What to tell of the undoing of a stage. */
export function stepDetails(step: RollbackStep, activity: string | undefined, now: number): string[] {
  const took =
    step.startedAt === undefined ? [] : [formatDuration(elapsed(step.startedAt, step.endedAt, now))];
  switch (step.status) {
    case 'pending':
      return ['to be undone'];
    case 'running':
      return [...took, activity ?? 'undoing'];
    case 'succeeded':
      return [...took, 'undone'];
    case 'failed':
      return [
        ...took,
        `undoing failed${step.message === undefined ? '' : `: ${oneLine(step.message, 200)}`}`,
      ];
  }
}

/** Who has still to be heard, and how long there is to do so. */
function waitingDetails(stage: StageState, state: RunState, now: number): string[] {
  const approval = latestApproval(state, stage);
  if (approval === undefined) return ['waits for an approval'];
  const open = approval.seats.filter((seat) => seat.vote === undefined).map((seat) => seat.holder);
  const left = Date.parse(approval.deadline) - now;
  return [
    `approval ${approvedVotes(approval)} of ${approval.quorum}`,
    left > 0
      ? `${formatDuration(left)} left, else ${approval.onTimeout === 'approve' ? 'approved' : 'rejected'}`
      : 'the deadline has passed',
    ...(open.length === 0 ? [] : [`waits for ${namesAsText(open, 3)}`]),
  ];
}

function effortOf(stage: StageState, now: number): string[] {
  if (stage.startedAt === undefined) return [];
  const { tokens, costMicroUsd: cost } = stage.metrics;
  const attempt = frameOf(stage)?.attempts.length ?? 0;
  const total = stage.frames.length;
  return [
    formatDuration(elapsed(stage.startedAt, stage.endedAt, now)),
    ...(total > 1 ? [`step ${Math.min(stage.endedFrames + 1, total)}/${total}`] : []),
    ...(stage.open.size > 1 ? [`${stage.open.size} at a time`] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(tokens > 0 ? [`${formatCount(tokens)} tokens`] : []),
    ...(cost > 0 ? [formatMoney(cost)] : []),
  ];
}

/** The lowest frame at work; when none is, the last one. */
function frameOf(stage: StageState): FrameState | undefined {
  return framesAtWork(stage)[0] ?? stage.frames.at(-1);
}

function workingOn(stage: StageState, activity: string | undefined): string {
  if (openQuestionOf(stage) !== undefined) return 'asks a question';
  const phase = frameOf(stage)?.phase;
  if (phase === 'auditing') return 'checking the result';
  return activity ?? (phase === 'retrying' ? 'preparing the next attempt' : 'working');
}

function failureOf(stage: StageState): string {
  return oneLine([stage.code, stage.message].filter((part) => part !== undefined).join(' '), 200);
}

function undone(stage: StageState): string[] {
  return stage.undoneBy === undefined ? [] : ['undone'];
}

function elapsed(from: string, to: string | undefined, now: number): number {
  return Math.max(0, (to === undefined ? now : Date.parse(to)) - Date.parse(from));
}
