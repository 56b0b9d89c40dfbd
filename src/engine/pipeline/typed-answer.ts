import { failureIn, outcomeOfFailure, type ToldFailure } from '../../core/agent/answer.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { optional } from '../agent-choice.ts';
import type { JobEnd } from './job-order.ts';
import type { PipelineWorld } from './world.ts';

/** What stands in an answer file, as parsed JSON; undefined if none was written, a problem if it cannot be read. */
export async function readAnswer(world: PipelineWorld, answerFile: string): Promise<Result<unknown>> {
  const text = await world.readLeft(answerFile);
  if (!text.ok || text.value === undefined) return text;
  try {
    const answer: unknown = JSON.parse(text.value.replace(/^\uFEFF/, ''));
    return ok(answer);
  } catch {
    return fail({
      code: 'bad-answer',
      message: 'the typed answer is no JSON',
      hint: 'write one JSON object to the file at MURMUR8_ANSWER',
    });
  }
}

/**
 * The end of work that may have said in its answer that it failed, and why: that goes before an exit code. The answer
 * comes with it, for whoever looks for more in it.
 */
export function withAnswer(
  world: Pick<PipelineWorld, 'mask' | 'clock'>,
  end: JobEnd,
  answer: Result<unknown>,
): JobEnd {
  if (answer.ok && answer.value === undefined) return end;
  const failure = answer.ok ? failureIn(answer.value) : undefined;
  if (failure === undefined) return { ...end, answer };
  return {
    ...end,
    answer,
    outcome: outcomeOfFailure(failure),
    message: world.mask(failure.text),
    told: optional('code', failure.code),
    ...retryAtOf(failure, world.clock.now()),
  };
}

/** The time of a calendar is the one that is more exact. */
function retryAtOf({ retryAt, retryAfterMs }: ToldFailure, now: number): Pick<JobEnd, 'retryAt'> {
  const at = retryAt ?? (retryAfterMs === undefined ? undefined : now + retryAfterMs);
  return optional('retryAt', at === undefined ? undefined : new Date(at).toISOString());
}
