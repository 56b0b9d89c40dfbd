import { globsInWords } from '../../../../core/glob/words.ts';
import type { Condition } from '../../../../core/pipeline/definition.ts';

/** A stage's `when` in words, as it is evaluated: `(label is x) or (path matches src/**)`. */
export function conditionAsText(condition: Condition): string {
  const tests = [
    ...listed('branch is', condition.branch),
    ...listed('a path matches', condition.path),
    ...listed('a label is', condition.label),
    ...Object.entries(condition.variable ?? {}).map(
      ([name, value]) => `${name} is ${typeof value === 'string' ? value : value.join(' or ')}`,
    ),
    ...(condition.and ?? []).map((inner) => grouped(inner)),
    ...(condition.not ?? []).map((inner) => `not (${conditionAsText(inner)})`),
  ];
  const alternatives = (condition.or ?? []).map((inner) => grouped(inner));
  const own = tests.join(' and ');
  if (alternatives.length === 0) return own;
  return [...(own === '' ? [] : [tests.length > 1 ? `(${own})` : own]), ...alternatives].join(' or ');
}

function listed(what: string, values: readonly string[] | undefined): string[] {
  return values === undefined ? [] : [`${what} ${values.length === 0 ? 'none' : globsInWords(values)}`];
}

function grouped(condition: Condition): string {
  const text = conditionAsText(condition);
  return / (and|or) /.test(text) ? `(${text})` : text;
}
