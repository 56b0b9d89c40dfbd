import type { RunState } from '../run/state.ts';

/** Placeholder for the call into core/feature/retry.ts; replaced in the same slice. */
export function nextStrategy(
  _state: RunState,
  _stage: string,
  _code: string,
  _attempt: number,
): { strategy?: string; strategyReason?: string } {
  return { strategy: 'add-context' };
}
