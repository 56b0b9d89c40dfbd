import type { EventOf } from './event-of.ts';
import { frameReopened } from './frames.ts';
import { stageOf } from './lookup.ts';
import { stageReopened } from './readiness.ts';
import type { RunState, StageState } from './state.ts';
import { addUsage } from './usage.ts';

/** A stage rated what it received. A result is sent back once; after that a person is asked. */
export function feedbackGiven(state: RunState, event: EventOf<'feedback.given'>): void {
  const about = stageOf(state, event.about);
  const rater = stageOf(state, event.stage);
  addUsage(state, rater, event.usage);
  if (about.status !== 'succeeded') return;
  const feedback = {
    by: event.stage,
    about: event.about,
    rating: event.rating,
    issues: event.issues,
    recommendation: event.recommendation,
    verdict: event.verdict === 'revise' && about.revised ? ('gate' as const) : event.verdict,
  };
  rater.reviews.set(event.about, { ...feedback });
  about.received = { ...feedback };
  if (feedback.verdict === 'revise') reopen(state, about, rater, event.issues);
}

/** A rating that could not be had has its price all the same. */
export function feedbackMissing(state: RunState, event: EventOf<'feedback.missing'>): void {
  const rater = stageOf(state, event.stage);
  addUsage(state, rater, event.usage);
  rater.reviews.set(event.about, null);
}

/** A person answered the gates of a stage. */
export function gateAnswered(state: RunState, event: EventOf<'gate.answered'>): void {
  const rater = stageOf(state, event.stage);
  for (const [name, feedback] of rater.reviews) {
    if (feedback === null || feedback.verdict !== 'gate' || feedback.answer !== undefined) continue;
    feedback.answer = event.answer;
    if (event.answer === 'revise') {
      const issues = event.comment === undefined ? feedback.issues : [...feedback.issues, event.comment];
      reopen(state, stageOf(state, name), rater, issues);
    }
  }
}

/** Sends a finished stage back to work with what its reader found missing; its new result is rated anew. */
function reopen(state: RunState, about: StageState, rater: StageState, issues: readonly string[]): void {
  rater.reviews.delete(about.name);
  // Another reader may have sent it back already.
  if (about.status !== 'succeeded') return;
  about.revised = true;
  about.reopenedFor = issues;
  about.status = 'running';
  delete about.endedAt;
  const frame = about.frames.at(-1);
  if (frame !== undefined) {
    frameReopened(state, about, frame);
    frame.phase = 'retrying';
    frame.attemptsBefore = frame.attempts.length;
  }
  stageReopened(state, about.name);
}
