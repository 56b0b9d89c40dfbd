import type { Facts } from '../condition/evaluated.ts';
import type { Reference } from './reference.ts';
import { type Lookup, substitute } from './substitute.ts';

type Values = Readonly<Record<string, string>>;

/** Everything that a reference can stand for, in one run and stage. */
export interface VariableContext {
  /** What `mergeVariables` gave. */
  readonly variables: Values;
  readonly facts: Facts;
  /** Outputs of a stage that has succeeded; undefined of any other. */
  readonly outputsOf: (stage: string) => Values | undefined;
  /** Label of the stage in which the text stands, as it is written. */
  readonly environment?: string;
  readonly runId: string;
  /** Item of the frame, in stages with `foreach`. */
  readonly item?: string;
}

/** The values of one run and stage. Only what was declared or supplied is found, never what objects inherit. */
export function lookupFrom(context: VariableContext): Lookup {
  const value = (reference: Reference): string | undefined => {
    switch (reference.kind) {
      case 'variable':
        return own(context.variables, reference.name);
      case 'output':
        return own(context.outputsOf(reference.stage), reference.key);
      case 'environment':
        return labelIn(context);
      case 'run':
        return context.runId;
      case 'event':
        return eventFact(context.facts, reference.field);
      case 'item':
        return context.item ?? own(context.variables, 'item');
    }
  };
  return value;
}

/**
 * The variables of a run by name: those of the pipeline, above them the facts of the event, above them what was given
 * with `--var` (spec: pipelines 4). A fact takes the place of a variable that is declared under its name, and is there
 * under its own name besides; `branch` is such a fact.
 */
export function mergeVariables(declared: Values, facts: Facts, given: Values): Values {
  const merged = new Map<string, string>(Object.entries(declared));
  for (const [name, fact] of Object.entries(facts.event ?? {})) merged.set(name, fact);
  if (facts.branch !== undefined) merged.set('branch', facts.branch);
  for (const [name, text] of Object.entries(given)) merged.set(name, text);
  // `fromEntries` defines its keys, so that `__proto__` is a name like any other.
  return Object.fromEntries(merged);
}

/** The label may hold references itself, to anything but itself. */
function labelIn({ environment, ...others }: VariableContext): string | undefined {
  if (environment === undefined) return undefined;
  const filled = substitute(environment, lookupFrom(others));
  return filled.ok ? filled.value : undefined;
}

function eventFact(facts: Facts, field: string): string | undefined {
  return own(facts.event, field) ?? (field === 'branch' ? facts.branch : undefined);
}

function own(values: Values | undefined, name: string): string | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}
