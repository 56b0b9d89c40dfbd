import type { Work } from '../core/decide/decision.ts';
import { ok, type Result } from '../core/result.ts';
import type { RunEventBody } from '../core/run/event.ts';

/** Somebody at a terminal who can be asked, or nobody. */
export interface Asked {
  readonly present: boolean;
  /** Undefined when nobody answers: the question then waits. */
  answer(stage: string, question: string): Promise<string | undefined>;
}

/** Without anybody to ask nothing happens: the question waits for `murmur8 answer`. */
export async function askQuestion(
  person: Asked,
  { stage, frame, attempt, question }: Extract<Work, { kind: 'ask-question' }>,
): Promise<Result<readonly RunEventBody[]>> {
  const answer = person.present ? await person.answer(stage, question) : undefined;
  return ok(answer === undefined ? [] : [{ type: 'question.answered', stage, frame, attempt, answer }]);
}
