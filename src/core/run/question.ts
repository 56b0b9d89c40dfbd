import type { StageState } from './state.ts';

/** The question that the agent of a stage asked and nobody has answered. */
export function openQuestionOf(stage: StageState): string | undefined {
  const last = stage.frames[stage.cursor]?.attempts.at(-1);
  return last?.answer === undefined ? last?.question : undefined;
}
