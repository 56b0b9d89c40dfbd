import type { AttemptState, FrameState, RunState, StageState } from '../run/state.ts';
import { perform } from './build.ts';
import type { Decision } from './decision.ts';
import { limitStop } from './limit-stop.ts';

/** A frame at work, and when it is looked at. */
export interface Place {
  readonly state: RunState;
  readonly stage: StageState;
  readonly frame: FrameState;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What an attempt is given. */
export interface AttemptInput {
  readonly runner?: string;
  readonly runnerReason?: string;
  readonly strategy?: string;
  readonly strategyReason?: string;
  readonly findings?: readonly string[];
  readonly sessionId?: string;
  readonly question?: string;
  readonly answer?: string;
}

/** Another attempt, unless a limit is reached. */
export function begin({ state, stage, frame, now }: Place, input: AttemptInput): Decision[] {
  const attempt = frame.attempts.length + 1;
  return (
    limitStop(state, stage, now) ?? [
      perform({ kind: 'attempt', stage: stage.name, frame: frame.index, attempt, findings: [], ...input }),
    ]
  );
}

/** Who may make the attempt after this one: what the run is told now goes before what it was told then. */
export function runnersAfter(
  { settings }: RunState,
  last: { readonly runner: string; readonly runners?: readonly string[] },
): readonly string[] {
  if (settings.runner !== undefined) return [settings.runner, ...(settings.fallbackRunners ?? [])];
  return last.runners ?? [last.runner];
}

/** The next attempt is made by whoever made the last one, in the same session; by the first, anew, where that one is gone. */
export function goingOn({ state }: Place, last: AttemptState): Pick<AttemptInput, 'runner' | 'sessionId'> {
  const runners = runnersAfter(state, last);
  if (!runners.includes(last.runner)) return {};
  return {
    ...(last.runner === runners[0] ? {} : { runner: last.runner }),
    ...(last.sessionId === undefined ? {} : { sessionId: last.sessionId }),
  };
}

/** The same for one of several runners: its own last session of the frame, if it has one. */
export function sessionOf(
  { attempts, madeBefore = 0 }: FrameState,
  runner: string,
): Pick<AttemptInput, 'sessionId'> {
  const sessionId = attempts.findLast((one) => one.number > madeBefore && one.runner === runner)?.sessionId;
  return sessionId === undefined ? {} : { sessionId };
}
