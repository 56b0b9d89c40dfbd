import { latestApproval } from '../../../../core/run/approval-events.ts';
import { framesAtWork } from '../../../../core/run/frames.ts';
import { openQuestionOf } from '../../../../core/run/question.ts';
import type { FrameState, RollbackStep, RunState, StageState } from '../../../../core/run/state.ts';
import { lookupAfterAll } from '../../../../core/run/variables.ts';
import { substitute } from '../../../../core/variable/substitute.ts';
import { approvedVotes } from '../../report/approval-lines.ts';
import { formatDuration } from '../../report/duration.ts';
import { namesAsText } from '../../report/graph/stage-text.ts';
import { formatCost, formatCount } from '../../report/money.ts';
import { oneLine } from '../../report/one-line.ts';

/** What somebody at work on a frame of a stage, or on any of them, does right now, if it is known. */
export type Activities = (stage: string, frame?: number) => string | undefined;

/** What to tell of a stage beside its name, most important first. `now` is in ms since the epoch. */
export function stageDetails(
  stage: StageState,
  state: RunState,
  activities: Activities,
  now: number,
): string[] {
  const effort = (): string[] => effortOf(stage, state.created.feature !== undefined, now);
  switch (stage.status) {
    case 'pending':
      return [];
    case 'skipped':
      return [oneLine(stage.skip?.detail ?? stage.skip?.reason ?? 'skipped', 200)];
    case 'waiting_approval':
      return waitingDetails(stage, state, now);
    case 'running':
      return [...effort(), workingOn(stage, activities, now)];
    case 'failed':
      return [...effort(), failureOf(stage), ...undone(stage)];
    case 'succeeded':
    case 'cancelled':
      return [...effort(), ...undone(stage)];
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

/** What is made, if it can be, once every stage has ended well: where it goes, where it has gone, or why it has not. */
export function exportDetails(state: RunState, now: number): string[] {
  const { closed, pipeline } = state;
  if (closed?.outcome === 'failed')
    return [oneLine([closed.code, closed.message].filter((part) => part !== undefined).join(' '), 300)];
  if (closed !== undefined) {
    const files = `${closed.files.length} ${closed.files.length === 1 ? 'file' : 'files'}`;
    return [
      `exported ${files} to ${closed.location ?? ''}`,
      ...(closed.validationPassed ? [] : ['not valid']),
    ];
  }
  if (!isExporting(state)) return [];
  const location = substitute(pipeline.export?.location ?? '', lookupAfterAll(state));
  // The last event is the end of the last stage, or the beginning of this part of the run.
  return [
    formatDuration(elapsed(state.at, undefined, now)),
    `exporting${location.ok ? ` to ${location.value}` : ''}`,
  ];
}

/** Every stage has ended well, and the run has not. */
export function isExporting(state: RunState): boolean {
  return (
    state.pipeline.export !== undefined &&
    state.closed === undefined &&
    state.phase === 'running' &&
    state.unfinished === 0 &&
    state.failedStage === undefined
  );
}

function effortOf(stage: StageState, isFeature: boolean, now: number): string[] {
  if (stage.startedAt === undefined) return [];
  const { tokens, failed, rejected } = stage.metrics;
  const cost = formatCost(stage.metrics);
  const { attempts = [] } = frameOf(stage) ?? {};
  const strategy = attempts.at(-1)?.strategy;
  const isFramed = stage.frames.length > 1;
  return [
    formatDuration(elapsed(stage.startedAt, stage.endedAt, now)),
    ...(isFramed ? [isFeature ? stepText(stage) : framesText(stage)] : []),
    // Of a stage with frames that has ended the attempts of its last one say nothing.
    ...(attempts.length > 1 && !(isFramed && stage.open.size === 0)
      ? [`attempt ${attempts.length}${strategy === undefined ? '' : `, ${strategy}`}`]
      : []),
    ...(isFramed && failed + rejected > 0 ? [`${failed + rejected} failed`] : []),
    ...(tokens > 0 ? [`${formatCount(tokens)} tokens`] : []),
    ...(cost === undefined || cost === 'unknown' ? [] : [cost]),
  ];
}

function stepText({ endedFrames, frames }: StageState): string {
  return `step ${Math.min(endedFrames + 1, frames.length)}/${frames.length}`;
}

/** `frame 3/8`, `frames 3, 5/8`, `frames 3, 4, 5 +13/100`; once all have ended, how many were approved. */
function framesText(stage: StageState): string {
  const total = stage.frames.length;
  if (stage.endedAt !== undefined || stage.endedFrames === total)
    return `${stage.metrics.approved}/${total} frames`;
  const atWork = framesAtWork(stage).map(({ index }) => index + 1);
  if (atWork.length <= 1) return `frame ${atWork[0] ?? Math.min(stage.nextFrame + 1, total)}/${total}`;
  const more = atWork.length - SHOWN_FRAMES;
  return `frames ${atWork.slice(0, SHOWN_FRAMES).join(', ')}${more > 0 ? ` +${more}` : ''}/${total}`;
}

const SHOWN_FRAMES = 3;

/** The lowest frame at work; when none is, the last one. */
function frameOf(stage: StageState): FrameState | undefined {
  return framesAtWork(stage)[0] ?? stage.frames.at(-1);
}

function workingOn(stage: StageState, activities: Activities, now: number): string {
  if (openQuestionOf(stage) !== undefined) return 'asks a question';
  const { phase, index = 0, waiting } = frameOf(stage) ?? {};
  const left = waiting === undefined ? 0 : Date.parse(waiting.until) - now;
  if (waiting !== undefined && left > 0)
    return `waiting for ${oneLine(waiting.runner, 60)} (${waiting.outcome}), ${formatDuration(left)} left`;
  if (phase === 'auditing') return 'checking the result';
  return activities(stage.name, index) ?? (phase === 'retrying' ? 'preparing the next attempt' : 'working');
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
