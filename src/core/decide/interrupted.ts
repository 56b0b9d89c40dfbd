import { isServiceFailure } from '../run/service-outcome.ts';
import type { AttemptState, FrameState, StageState } from '../run/state.ts';

/** True of an attempt that was ended from outside, by a stop or with the process that drove it: no failure of its own. */
export function wasInterrupted({ outcome, ownerLost }: AttemptState): boolean {
  return outcome === 'cancelled' || ownerLost === true;
}

/** True of an attempt that came to nothing for want of money or of a service: it was not looked at. */
export function wasCutOff({ outcome }: AttemptState): boolean {
  return outcome === 'budget' || isServiceFailure(outcome);
}

/** Strategy, findings and answer of an attempt, as far as it was given any. */
interface Given {
  readonly strategy?: string;
  readonly findings?: readonly string[];
  readonly question?: string;
  readonly answer?: string;
}

/**
 * What an attempt had been given that was interrupted or cut off, for the one that is made in its place:
 * whoever makes it again has to answer to the same, or a kill would change what comes of the frame.
 */
export function givenTo(stage: StageState, frame: FrameState, interrupted: AttemptState): Given {
  const before = frame.attempts.findLast((attempt) => !wasInterrupted(attempt) && !wasCutOff(attempt));
  return {
    ...(interrupted.strategy === undefined ? {} : { strategy: interrupted.strategy }),
    ...(before === undefined ? {} : leftBy(before, stage)),
  };
}

/** What an attempt leaves for the next one. */
function leftBy({ verdict, findings, question, answer }: AttemptState, stage: StageState): Given {
  if (verdict === 'rejected') return { findings };
  // It was good, until somebody who works with it sent it back.
  if (verdict === 'approved') return { findings: stage.reopenedFor };
  return question !== undefined && answer !== undefined ? { question, answer } : {};
}
