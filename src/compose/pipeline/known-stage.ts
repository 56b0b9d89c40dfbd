import { nearestTo } from '../../core/nearest.ts';
import type { Problem } from '../../core/problem.ts';
import type { RunState } from '../../core/run/state.ts';

/** What is wrong with the name of a stage of a run; undefined if it has one. */
export function unknownStage(
  state: Pick<RunState, 'definitions' | 'pipeline'>,
  name: string,
): Problem | undefined {
  if (state.definitions.has(name)) return undefined;
  const names = [...state.definitions.keys()];
  const near = nearestTo(name.slice(0, 80), names);
  return {
    code: 'unknown-stage',
    message: `${state.pipeline.name} has no stage ${JSON.stringify(name.slice(0, 80))}`,
    hint: near === undefined ? `its stages are ${names.slice(0, 20).join(', ')}` : `did you mean ${near}?`,
  };
}

/** A run that does not allow what was asked of it, as it is. */
export function conflict(message: string, hint: string): Problem {
  return { code: 'conflict', message, hint };
}
