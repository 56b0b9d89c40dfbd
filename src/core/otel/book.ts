import type { RunState } from '../run/state.ts';
import type { OpenSpan, SpanSheet } from './span.ts';
import type { SpanIds } from './span-ids.ts';

/** A trace while it is being written: one segment of a run. */
export interface Book {
  /** As it stood at the end of the segment. */
  readonly state: RunState;
  readonly ids: SpanIds;
  readonly sheet: SpanSheet;
  readonly root: OpenSpan;
  /** When the segment began, in ms since the epoch. */
  readonly startedAt: number;
  /** The latest span of each stage that has one. */
  readonly stages: Map<string, StageSpan>;
}

/** A stage of a segment; one that is done again after it had ended is another one. */
export interface StageSpan {
  readonly name: string;
  /** From one. */
  readonly number: number;
  readonly span: OpenSpan;
  /** By frame and attempt. */
  readonly attempts: Map<string, AttemptSpan>;
  /** The last attempt of each frame. */
  readonly latest: Map<number, AttemptSpan>;
  ended: boolean;
}

export interface AttemptSpan {
  readonly span: OpenSpan;
  readonly runner: string | undefined;
  /** When what was made could be looked at. */
  checkedFrom: number | undefined;
  checks: number;
  /** Why the last check could not be made. */
  checkFailure?: string;
  ended: boolean;
}
