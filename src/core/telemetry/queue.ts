/** Most payloads that wait for another try; the oldest give way (seed 004, story failed-queue-retry AC-6). */
export const MOST_QUEUED = 50;

/** The queue with one more payload at its end. A run that waits already is not queued twice: the new payload counts. */
export function withQueued(queue: readonly unknown[], payload: unknown): readonly unknown[] {
  const runId = runIdOf(payload);
  const others = runId === undefined ? queue : queue.filter((entry) => runIdOf(entry) !== runId);
  return [...others, payload].slice(-MOST_QUEUED);
}

/** The queue without one payload: without its run where it names one, else without the first equal entry. */
export function withoutQueued(queue: readonly unknown[], payload: unknown): readonly unknown[] {
  const runId = runIdOf(payload);
  if (runId !== undefined) return queue.filter((entry) => runIdOf(entry) !== runId);
  const text = JSON.stringify(payload);
  const index = queue.findIndex((entry) => JSON.stringify(entry) === text);
  return index === -1 ? queue : queue.toSpliced(index, 1);
}

/** The key of an entry, where it has one. */
export function runIdOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('runId' in payload)) return undefined;
  return typeof payload.runId === 'string' && payload.runId !== '' ? payload.runId : undefined;
}
