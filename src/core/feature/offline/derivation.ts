import { type Brief, readBrief } from './brief.ts';
import type { Example } from './example.ts';
import { kebab, shownValue } from './plain-words.ts';

/** One criterion with its test; the numbers follow from the brief alone, so every stage derives the same. */
export interface DerivedCriterion {
  /** `AC-1`. */
  readonly id: string;
  readonly testId: string;
  readonly title: string;
  readonly given: string;
  readonly when: string;
  readonly outcome: string;
  /** Present when the test can check it. */
  readonly check?: { readonly functionName: string; readonly example: Example };
  /** Why the test stays pending, when it does. */
  readonly pending?: string;
}

export interface DerivedStory {
  /** File name without `.md`, or `FEATURE_SPEC` where the feature has no stories. */
  readonly name: string;
  readonly title: string;
  readonly criteria: readonly DerivedCriterion[];
}

export interface Derivation {
  readonly slug: string;
  readonly featureId: string;
  readonly briefPath: string;
  readonly withStories: boolean;
  readonly brief: Brief;
  readonly stories: readonly DerivedStory[];
}

export interface DerivationInput {
  readonly slug: string;
  readonly featureId: string;
  readonly briefPath: string;
  readonly withStories: boolean;
  readonly text: string;
}

/** What the offline runner makes of a brief, by rule and without any model. */
export function derive({ text, ...feature }: DerivationInput): Derivation {
  const brief = readBrief(text, feature.slug);
  const seen = new Map<string, string>();
  const names = new Set<string>();
  let number = 0;
  const stories = brief.sections.map((section, index): DerivedStory => {
    const criteria = section.wishes.map((wish, place): DerivedCriterion => {
      number += 1;
      const id = `AC-${feature.withStories ? place + 1 : number}`;
      const ids = { id, testId: `T-${number}` };
      const { example } = wish;
      if (example === undefined) return { ...ids, ...proseCriterion(wish.text) };
      const functionName = functionNameFor(example.call ?? feature.slug);
      const key = JSON.stringify([functionName, example.input]);
      const outcome = JSON.stringify(example.expected);
      const earlier = seen.get(key) ?? outcome;
      seen.set(key, earlier);
      return { ...ids, ...exampleCriterion(example, functionName, earlier !== outcome) };
    });
    const name = feature.withStories ? storyName(section.title, index, names) : 'FEATURE_SPEC';
    return { name, title: section.title, criteria };
  });
  return { ...feature, brief, stories };
}

export function criteriaOf(derivation: Derivation): readonly DerivedCriterion[] {
  return derivation.stories.flatMap((story) => story.criteria);
}

function storyName(title: string, index: number, taken: Set<string>): string {
  let name = `story-${kebab(title) || `part-${index + 1}`}`;
  while (taken.has(name)) name = `${name}-again`;
  taken.add(name);
  return name;
}

type CriterionText = Omit<DerivedCriterion, 'id' | 'testId'>;

function proseCriterion(text: string): CriterionText {
  return {
    title: text,
    given: 'the feature is in place',
    when: 'it is used as the brief describes',
    outcome: `this holds: ${text}`,
    pending: 'the brief gives no example that could be checked',
  };
}

function exampleCriterion(example: Example, functionName: string, contradicts: boolean): CriterionText {
  const call = `${functionName}(${example.input.map((value) => shownValue(value)).join(', ')})`;
  const outcome =
    'throws' in example.expected
      ? `throws ${shownValue(example.expected.throws)}`
      : `gives ${shownValue(example.expected.output)}`;
  const text = {
    title: `${call} ${outcome}`,
    given: `the input ${example.input.map((value) => shownValue(value)).join(', ') || 'is empty'}`,
    when: `${functionName} is called with it`,
    outcome: `it ${outcome}`,
  };
  if (contradicts) return { ...text, pending: 'the brief gives another result for the same input' };
  return { ...text, check: { functionName, example } };
}

const RESERVED = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield load test it describe expect assert require module exports lookUp input JSON RangeError Error structuredClone undefined NaN Infinity globalThis __proto__'.split(
    ' ',
  ),
);

/** A JavaScript name: `user-login` becomes `userLogin`; words that JavaScript keeps for itself get an ending. */
export function functionNameFor(text: string): string {
  const camel = text
    .replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replace(/[^\w$]/g, '');
  const name = /^[A-Za-z_$]/.test(camel) ? camel : `feature${camel}`;
  return RESERVED.has(name) ? `${name}Feature` : name;
}
