import type { Condition } from '../pipeline/definition.ts';
import type { Evaluated, Facts, Truth } from './evaluated.ts';
import { branchTest, type KnownVariable, labelTest, pathTest, variableTest } from './fact-tests.ts';

/** What a condition is judged by. */
export interface Known {
  readonly facts: Facts;
  readonly variable: KnownVariable;
}

const MAX_REASON = 300;

/**
 * Judges a condition (spec: pipelines 3) in three-valued logic: what depends on a fact that nobody supplied is
 * `unknown`, and so counts as not met. A part without content is unknown as well: it never becomes no guard.
 */
export function evaluateCondition(condition: Condition, known: Known): Evaluated {
  const siblings = siblingsOf(condition, known);
  if (condition.or === undefined) return all(siblings);
  const alternatives = any(condition.or.map((one) => evaluateCondition(one, known)));
  return siblings.length === 0 ? alternatives : any([all(siblings), alternatives]);
}

function siblingsOf(condition: Condition, known: Known): Evaluated[] {
  const parts: Evaluated[] = [];
  if (condition.branch !== undefined) parts.push(branchTest(condition.branch, known.facts.branch));
  if (condition.path !== undefined) parts.push(pathTest(condition.path, known.facts.paths));
  if (condition.label !== undefined) parts.push(labelTest(condition.label, known.facts.labels));
  if (condition.variable !== undefined) parts.push(...variableTests(condition.variable, known.variable));
  if (condition.and !== undefined) parts.push(all(condition.and.map((one) => evaluateCondition(one, known))));
  if (condition.not !== undefined)
    parts.push(none(condition.not.map((one) => evaluateCondition(one, known))));
  return parts;
}

function variableTests(wanted: NonNullable<Condition['variable']>, variable: KnownVariable): Evaluated[] {
  const tests = Object.entries(wanted).map(([name, values]) =>
    variableTest(name, typeof values === 'string' ? [values] : values, variable(name)),
  );
  return tests.length === 0 ? [all([])] : tests;
}

function all(of: Evaluated[]): Evaluated {
  return joined('all', of, false);
}

function any(of: Evaluated[]): Evaluated {
  return joined('any', of, true);
}

/** A list under `not`: none of it may hold. */
function none(of: Evaluated[]): Evaluated {
  const inner = any(of);
  if (inner.value === true) return { test: 'not', value: false, reason: `excluded, as ${inner.reason}`, of };
  return { test: 'not', value: inner.value === 'unknown' ? 'unknown' : true, reason: inner.reason, of };
}

/** `decisive` is the value of one part that settles the whole: false for `all`, true for `any`. */
function joined(test: 'all' | 'any', of: Evaluated[], decisive: boolean): Evaluated {
  const [only] = of;
  if (only === undefined) return { test, value: 'unknown', reason: 'the condition is empty' };
  if (of.length === 1) return only;
  const settles = of.find((part) => part.value === decisive);
  if (settles !== undefined) return { test, value: decisive, reason: settles.reason, of };
  const value: Truth = of.some((part) => part.value === 'unknown') ? 'unknown' : !decisive;
  const reasons = of.filter((part) => part.value === value).map((part) => part.reason);
  return { test, value, reason: clipped([...new Set(reasons)].join('; ')), of };
}

function clipped(text: string): string {
  return text.length <= MAX_REASON ? text : `${text.slice(0, MAX_REASON - 1)}…`;
}
