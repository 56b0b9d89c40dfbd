import type { Evaluated } from '../condition/evaluated.ts';
import { decide } from '../decide/decide.ts';
import type { Decision, Work } from '../decide/decision.ts';
import type { Condition, Pipeline, Stage } from '../pipeline/definition.ts';
import { apply } from '../run/apply.ts';
import type { RunCreated, RunEventBody } from '../run/event.ts';
import type { RunState } from '../run/state.ts';
import { upstreamOf, variablesOf } from '../run/variables.ts';

/** What would become of a stage, were every stage before it to succeed. */
export type Foreseen =
  | { readonly would: 'run' }
  /** Its condition asks for an output that a stage before it has yet to give. */
  | { readonly would: 'depend'; readonly condition: Evaluated }
  | {
      readonly would: 'skip';
      readonly reason: string;
      readonly detail?: string;
      readonly condition?: Evaluated;
    };

/**
 * Plays a run through in memory, with the decider that a real one has: every attempt succeeds, every gate is opened,
 * nothing is started. Answers what would become of each stage.
 */
export function foresee(created: RunCreated): ReadonlyMap<string, Foreseen> {
  const foreseen = new Map<string, Foreseen>();
  let state = applied(undefined, { ...created, pipeline: withoutGates(created.pipeline) });
  state = applied(state, { type: 'segment.started', previousRunId: null });
  for (let next = nextEvents(state); next.length > 0; next = nextEvents(state)) {
    for (const event of next) state = follow(state, event, foreseen);
  }
  for (const name of state.stages.keys()) if (!foreseen.has(name)) foreseen.set(name, { would: 'run' });
  return foreseen;
}

function follow(state: RunState, event: RunEventBody, foreseen: Map<string, Foreseen>): RunState {
  if (event.type !== 'stage.skipped') return applied(state, event);
  const { stage, reason, detail, condition } = event;
  if (condition !== undefined && asksForOutput(state, stage)) {
    foreseen.set(stage, { would: 'depend', condition });
    return applied(state, { type: 'condition.met', stage, condition });
  }
  foreseen.set(stage, {
    would: 'skip',
    reason,
    ...(detail === undefined ? {} : { detail }),
    ...(condition === undefined ? {} : { condition }),
  });
  return applied(state, event);
}

/** What follows from the first decision that anything follows from. */
function nextEvents(state: RunState): readonly RunEventBody[] {
  for (const decision of decide(state, 0)) {
    const events = eventsOf(decision);
    if (events.length > 0) return events;
  }
  return [];
}

function eventsOf(decision: Decision): readonly RunEventBody[] {
  if (decision.do === 'record') return [decision.event];
  return decision.do === 'perform' ? done(decision.work) : [];
}

function done(work: Work): readonly RunEventBody[] {
  if (work.kind !== 'attempt') return [];
  const key = { stage: work.stage, frame: work.frame, attempt: work.attempt };
  return [
    { type: 'attempt.started', ...key, agent: '', runner: '' },
    { type: 'attempt.generated', ...key, outcome: 'ok' },
    { type: 'attempt.judged', ...key, verdict: 'approved', findings: [] },
  ];
}

/** Gates and items are people's and the world's to say; neither is asked. */
function withoutGates(pipeline: Pipeline): RunCreated['pipeline'] {
  const stages = pipeline.stages.map(({ approval: _approval, foreach: _foreach, ...rest }): Stage => rest);
  return { ...pipeline, limits: {}, stages } as RunCreated['pipeline'];
}

/** True if the stage's condition names a variable that only an earlier stage gives a value. */
function asksForOutput(state: RunState, stage: string): boolean {
  const when = state.definitions.get(stage)?.when;
  if (when === undefined) return false;
  const outputs = new Set(
    upstreamOf(state, stage).flatMap((name) =>
      (state.definitions.get(name)?.outputs ?? []).flatMap((key) => [key, `stages.${name}.outputs.${key}`]),
    ),
  );
  const own = variablesOf(state);
  return variablesIn(when).some((name) => outputs.has(name) && !Object.hasOwn(own, name));
}

function variablesIn(when: Condition): string[] {
  const found: string[] = [];
  const open = [when];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    found.push(...Object.keys(at.variable ?? {}));
    open.push(...(at.and ?? []), ...(at.or ?? []), ...(at.not ?? []));
  }
  return found;
}

function applied(state: RunState | undefined, body: RunEventBody): RunState {
  const seq = (state?.seq ?? 0) + 1;
  return apply(state, { v: 1, seq, epoch: 1, at: new Date(0).toISOString(), runId: 'dry-run', ...body });
}
