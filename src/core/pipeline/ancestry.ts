/** Whether one stage must have ended before another starts, directly or through others. */
export interface AncestorQuestion {
  readonly stage: number;
  readonly target: number;
}

/**
 * Answers many questions at once: 31 targets are followed through the graph in one pass, so that it costs
 * O((stages + edges) * targets / 31), and nothing for direct dependencies.
 */
export function areAncestors(
  questions: readonly AncestorQuestion[],
  needs: readonly (readonly number[])[],
  order: Int32Array,
): boolean[] {
  const answers = questions.map(({ stage, target }) => needs[stage]?.includes(target) ?? false);
  const open = questions.flatMap((_, at) => (answers[at] ? [] : [at]));
  const targets = [...new Set(open.map((at) => questions[at]?.target ?? 0))];
  const bitOf = new Int32Array(needs.length);
  const reaches = new Int32Array(needs.length);
  for (let from = 0; from < targets.length; from += 31) {
    const batch = targets.slice(from, from + 31);
    bitOf.fill(0);
    reaches.fill(0);
    for (const [bit, target] of batch.entries()) bitOf[target] = 1 << bit;
    for (const stage of order) {
      let mask = 0;
      for (const need of needs[stage] ?? []) mask |= (reaches[need] ?? 0) | (bitOf[need] ?? 0);
      reaches[stage] = mask;
    }
    for (const at of open) {
      const { stage, target } = questions[at] ?? { stage: 0, target: 0 };
      const bit = bitOf[target] ?? 0;
      if (bit !== 0) answers[at] = ((reaches[stage] ?? 0) & bit) !== 0;
    }
  }
  return answers;
}
