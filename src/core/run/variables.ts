import { lookupFrom, mergeVariables, type VariableContext } from '../variable/context.ts';
import type { Lookup } from '../variable/substitute.ts';
import type { RunState } from './state.ts';

/** The variables of a run by name: the pipeline's, above them facts of the event, above them what was given (spec: pipelines 4). */
export function variablesOf(state: RunState): Readonly<Record<string, string>> {
  return mergeVariables(state.pipeline.variables, state.created.facts ?? {}, state.created.variables);
}

/** What references in the texts of a stage stand for just now. `item` is that of the frame. */
export function lookupIn(state: RunState, stage: string, item?: string): Lookup {
  const environment = state.definitions.get(stage)?.environment;
  return lookupFrom({
    ...ofTheRun(state),
    ...(environment === undefined ? {} : { environment }),
    ...(item === undefined ? {} : { item }),
  });
}

/** What references stand for after the last stage: those of every stage that succeeded, and of no stage in particular. */
export function lookupAfterAll(state: RunState): Lookup {
  return lookupFrom(ofTheRun(state));
}

function ofTheRun(state: RunState): VariableContext {
  return {
    variables: variablesOf(state),
    facts: state.created.facts ?? {},
    outputsOf: (name) => {
      const other = state.stages.get(name);
      return other?.status === 'succeeded' ? other.outputs : undefined;
    },
    runId: state.executionId,
  };
}

/** The stages that a stage waits for, directly or not, without itself. O(stages + edges). */
export function upstreamOf(state: Pick<RunState, 'definitions'>, stage: string): string[] {
  const found = new Set(state.definitions.get(stage)?.needs);
  for (const name of found) {
    for (const need of state.definitions.get(name)?.needs ?? []) found.add(need);
  }
  return [...found];
}
