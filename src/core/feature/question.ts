import * as z from 'zod';

const MAX_QUESTION = 4_000;

/** What an agent writes to its answer file to ask its human. */
const questionSchema = z.object({ question: z.object({ text: z.string() }) });

/** The question in an agent's typed answer, bounded; undefined when it asks nothing. */
export function questionIn(answer: unknown): string | undefined {
  const parsed = questionSchema.safeParse(answer);
  const text = parsed.success ? parsed.data.question.text.trim() : '';
  return text === '' ? undefined : text.slice(0, MAX_QUESTION);
}
