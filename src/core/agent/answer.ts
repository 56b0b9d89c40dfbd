import * as z from 'zod';

const MAX_TEXT = 4_000;

/** What an agent writes to its answer file (`MURMUR8_ANSWER`) to ask its human, or to say that it failed. */
const questionSchema = z.object({ question: z.object({ text: z.string() }) });
const failureSchema = z.object({ failure: z.object({ text: z.string() }) });

/** The question in an agent's typed answer, bounded; undefined when it asks nothing. */
export function questionIn(answer: unknown): string | undefined {
  const parsed = questionSchema.safeParse(answer);
  return parsed.success ? bounded(parsed.data.question.text) : undefined;
}

/** What an agent says has failed, bounded; undefined when it says nothing of the kind. */
export function failureIn(answer: unknown): string | undefined {
  const parsed = failureSchema.safeParse(answer);
  return parsed.success ? (bounded(parsed.data.failure.text) ?? 'the agent gave no reason') : undefined;
}

function bounded(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed === '' ? undefined : trimmed.slice(0, MAX_TEXT);
}
