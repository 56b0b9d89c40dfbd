import { lookupFrom, mergeVariables } from '../variable/context.ts';
import { type Lookup, substitute } from '../variable/substitute.ts';
import type { RunState } from './state.ts';

/** The variables of a run by name: the pipeline's, above them facts of the event, above them what was given (spec: pipelines 4). */
export function variablesOf(state: RunState): Readonly<Record<string, string>> {
  return mergeVariables(state.pipeline.variables, state.created.facts ?? {}, state.created.variables);
}

/** What references in the texts of a stage stand for just now. `item` is that of the frame. */
export function lookupIn(state: RunState, stage: string, item?: string): Lookup {
  const label = state.definitions.get(stage)?.environment;
  const context = {
    variables: variablesOf(state),
    facts: state.created.facts ?? {},
    outputsOf: (name: string) => {
      const other = state.stages.get(name);
      return other?.status === 'succeeded' ? other.outputs : undefined;
    },
    runId: state.executionId,
    ...(item === undefined ? {} : { item }),
  };
  // The label may hold references itself, to anything but itself.
  const environment = label === undefined ? undefined : substitute(label, lookupFrom(context));
  return lookupFrom({ ...context, ...(environment?.ok ? { environment: environment.value } : {}) });
}

/** The stages that a stage waits for, directly or not, without itself. O(stages + edges). */
export function upstreamOf(state: Pick<RunState, 'definitions'>, stage: string): string[] {
  const found = new Set(state.definitions.get(stage)?.needs);
  for (const name of found) {
    for (const need of state.definitions.get(name)?.needs ?? []) found.add(need);
  }
  return [...found];
}
