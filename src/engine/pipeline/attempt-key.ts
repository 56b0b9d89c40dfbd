import type { Stage } from '../../core/pipeline/definition.ts';
import type { RunState } from '../../core/run/state.ts';

export interface AttemptKey {
  readonly stage: string;
  readonly frame: number;
  readonly attempt: number;
}

export function keyOf({ stage, frame, attempt }: AttemptKey): AttemptKey {
  return { stage, frame, attempt };
}

/** Under which an attempt's places are found. */
export function nameOf({ stage, frame, attempt }: AttemptKey): string {
  return `${stage}/${frame}-${attempt}`;
}

export function definitionOf(state: RunState, name: string): Stage {
  const stage = state.definitions.get(name);
  if (stage === undefined) throw new Error(`no stage named ${name}`);
  return stage;
}

/** The title of a frame is its item, where the stage has items. */
export function itemOf(state: RunState, stage: Stage, frame: number): string | undefined {
  if (stage.foreach === undefined) return undefined;
  return state.stages.get(stage.name)?.frames[frame]?.title;
}
