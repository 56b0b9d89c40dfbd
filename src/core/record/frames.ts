import type { AttemptState, FrameState, StageState } from '../run/state.ts';

export interface FrameRow {
  /** Index from zero. */
  frame: number;
  title: string;
  status: FrameState['phase'] | 'interrupted';
  attempts: number;
  /** Of its latest attempt. */
  strategy: string | null;
  reason_code: string | null;
  message: string | null;
}

export interface FramesRow {
  /** Skipped frames count nowhere. */
  total: number;
  approved: number;
  rejected: number;
  failed: number;
  remaining: number;
  /** Frames at work at this moment. */
  at_work: number;
  total_attempts: number;
  list: FrameRow[];
}

/** A run may have tens of thousands: what is told of single ones stays readable, and the sums are of all. */
const MOST_LISTED = 1_000;

/** The frames of a stage as sums, and those listed that `listedFrames` has chosen. `isOver`: nobody works at the run any more. */
export function framesRecord(stage: StageState, listed: readonly FrameState[], isOver: boolean): FramesRow {
  const { totalFrames, approved, rejected, failed } = stage.metrics;
  return {
    total: totalFrames,
    approved,
    rejected,
    failed,
    remaining: Math.max(0, totalFrames - approved - rejected - failed),
    at_work: isOver ? 0 : stage.open.size,
    total_attempts: stage.frames.reduce((sum, { attempts }) => sum + attempts.length, 0),
    list: listed.map((frame) => frameRecord(frame, isOver)),
  };
}

/** At most 1,000 frames of a stage in their order: of more, those at work first, then those with most to tell. */
export function listedFrames(stage: StageState): readonly FrameState[] {
  if (stage.frames.length <= MOST_LISTED) return stage.frames;
  const byRank: FrameState[][] = [[], [], [], []];
  for (const frame of stage.frames) byRank[rankOf(stage, frame)]?.push(frame);
  return byRank
    .flat()
    .slice(0, MOST_LISTED)
    .sort((one, other) => one.index - other.index);
}

function rankOf(stage: StageState, { index, phase, attempts }: FrameState): number {
  if (stage.open.has(index)) return 0;
  if (phase === 'failed' || phase === 'rejected') return 1;
  return attempts.length > 1 ? 2 : 3;
}

function frameRecord({ index, title, phase, attempts }: FrameState, isOver: boolean): FrameRow {
  const last = attempts.at(-1);
  const isUnderWay = phase === 'generating' || phase === 'auditing' || phase === 'retrying';
  const hasTrouble = phase === 'failed' || phase === 'rejected' || phase === 'retrying';
  return {
    frame: index,
    title,
    status: isOver && isUnderWay ? 'interrupted' : phase,
    attempts: attempts.length,
    strategy: last?.strategy ?? null,
    reason_code: (hasTrouble ? last?.code : undefined) ?? null,
    message: (hasTrouble ? whyOf(last) : undefined) ?? null,
  };
}

/** What is wrong with a result, else why there is none. */
function whyOf(attempt: AttemptState | undefined): string | undefined {
  const found = attempt?.findings.join('; ') ?? '';
  if (found !== '') return found;
  return attempt?.auditFailures?.at(-1)?.message ?? attempt?.message ?? attempt?.outcome;
}
