import type { Work } from '../../core/decide/decision.ts';
import { feedbackSchema, judgeFeedback } from '../../core/feature/feedback.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { putRight } from './guard.ts';
import { promptForReview } from './prompting.ts';
import { runSession } from './session.ts';
import type { FeatureWorld } from './world.ts';

const MAX_ISSUES = 20;
const MAX_ISSUE_LENGTH = 500;

/**
 * A short turn of its own in which the next agent rates what it received. A rating that cannot be had is recorded as
 * missing and stops nothing: only a given one may close a gate.
 */
export async function review(
  world: FeatureWorld,
  state: RunState,
  work: Extract<Work, { kind: 'review' }>,
  signal: AbortSignal,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = state.definitions.get(work.stage);
  if (stage === undefined) throw new Error(`no stage named ${work.stage}`);
  const name = `${work.stage}/review-${work.about}`;
  const before = await world.repository.checkpoint(
    `${state.executionId}/${name}`,
    `before ${work.stage} rates ${work.about}`,
  );
  if (!before.ok) return before;
  const prompt = await promptForReview(world, state, work);
  if (!prompt.ok) return prompt;
  const session = await runSession(
    world,
    state,
    {
      stage,
      frame: 0,
      attempt: 1,
      kind: 'review',
      prompt: prompt.value,
      findings: [],
      name,
    },
    signal,
  );
  if (!session.ok) return session;
  const notices = await putRight(world, state, { stage: 'review', name, before: before.value });
  if (!notices.ok) return notices;
  if (signal.aborted) return ok([]);
  const { outcome, answer } = session.value;
  const usage = outcome.usage === undefined ? {} : { usage: { ...outcome.usage } };
  const missing = (reason: string): Result<readonly RunEventBody[]> =>
    ok([{ type: 'feedback.missing', stage: work.stage, about: work.about, reason, ...usage }]);
  if (outcome.outcome !== 'ok') return missing(outcome.message ?? `the rating ended as ${outcome.outcome}`);
  const feedback = feedbackSchema.safeParse(answer);
  if (!feedback.success) return missing('the agent left no rating in the form that was asked for');
  const { rating, recommendation } = feedback.data;
  return ok([
    {
      type: 'feedback.given',
      stage: work.stage,
      about: work.about,
      rating,
      recommendation,
      issues: feedback.data.issues.slice(0, MAX_ISSUES).map((issue) => issue.slice(0, MAX_ISSUE_LENGTH)),
      verdict: judgeFeedback(
        feedback.data,
        world.feedback,
        state.stages.get(work.about)?.revised === true ? 1 : 0,
      ),
      ...usage,
    },
  ]);
}
