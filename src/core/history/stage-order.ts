/** Stages of the feature pipeline, in the order in which they run; also the keys of `stages` (seed 000). */
export const HISTORY_STAGES = ['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement'] as const;
const ORDER: readonly string[] = HISTORY_STAGES;

/** Place of a stage in the feature pipeline; stages of other tools come after all of ours. */
export function stagePosition(name: string): number {
  const position = ORDER.indexOf(name);
  return position === -1 ? ORDER.length : position;
}
