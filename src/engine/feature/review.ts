import type { Work } from '../../core/decide/decision.ts';
import { feedbackSchema, judgeFeedback } from '../../core/feature/feedback.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import { isServiceFailure } from '../../core/run/service-outcome.ts';
import type { RunState } from '../../core/run/state.ts';
import { tokensOf } from '../../core/run/usage.ts';
import { roleOf, runnersOf } from '../agent-choice.ts';
import { putRight } from './guard.ts';
import { promptForReview } from './prompting.ts';
import { runSession, type SessionEnd, type SessionRequest } from './session.ts';
import type { FeatureWorld } from './world.ts';

const MAX_ISSUES = 20;
const MAX_ISSUE_LENGTH = 500;

/**
 * A short turn of its own in which the next agent rates what it received. A rating that cannot be had is recorded as
 * missing, waits for nobody and stops nothing: only a given one may close a gate.
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
  const session = await rate(world, state, { stage, prompt: prompt.value, name }, signal);
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

/** One session, of the first runner whose service does not fail before it has used anything. */
async function rate(
  world: FeatureWorld,
  state: RunState,
  asked: Pick<SessionRequest, 'stage' | 'prompt' | 'name'>,
  signal: AbortSignal,
): Promise<Result<SessionEnd>> {
  const runners = runnersOf(world, state, roleOf(world, asked.stage.work));
  const request = { ...asked, frame: 0, attempt: 1, kind: 'review', findings: [] } as const;
  let session = await runSession(world, state, request, signal);
  for (const [index, runner] of runners.slice(1).entries()) {
    if (!session.ok || signal.aborted || !isForAnother(session.value)) break;
    const name = `${asked.name}-${index + 2}`;
    session = await runSession(world, state, { ...request, runner, name }, signal);
  }
  return session;
}

function isForAnother({ outcome: { outcome, usage } }: SessionEnd): boolean {
  return isServiceFailure(outcome) && (usage === undefined || tokensOf(usage) === 0);
}
