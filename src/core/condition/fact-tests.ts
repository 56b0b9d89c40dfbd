import { checkGlob, globMatcher } from '../glob/match.ts';
import { globsInWords } from '../glob/words.ts';
import type { Evaluated, Truth } from './evaluated.ts';

/** The value of a variable, and where people may want to know, why it has it; undefined where it has none. */
export type KnownVariable = (name: string) => { readonly value: string; readonly why?: string } | undefined;

type Leaf = 'branch' | 'path' | 'label' | 'variable';

/** Whether the branch is one of those meant. */
export function branchTest(globs: readonly string[], branch: string | undefined): Evaluated {
  return globTest('branch', globs, branch === undefined ? undefined : [branch], {
    unknown: 'nobody said which branch this is (--branch)',
    met: (found) => `the branch is ${found}`,
    unmet: (wanted, [is]) => `the branch is ${is}, not ${wanted}`,
  });
}

/** Whether one of the changed paths is meant. */
export function pathTest(globs: readonly string[], paths: readonly string[] | undefined): Evaluated {
  return globTest('path', globs, paths, {
    unknown: 'nobody said which paths changed (--path)',
    met: (found) => `${found} changed`,
    unmet: (wanted, of) => (of.length === 0 ? 'no path changed' : `no changed path is ${wanted}`),
  });
}

/** Whether one of the labels is meant. */
export function labelTest(globs: readonly string[], labels: readonly string[] | undefined): Evaluated {
  return globTest('label', globs, labels, {
    unknown: 'nobody said which labels there are (--label)',
    met: (found) => `there is the label ${found}`,
    unmet: (wanted, of) => (of.length === 0 ? 'there are no labels' : `no label is ${wanted}`),
  });
}

/** Whether a variable has one of these values, to the letter. */
export function variableTest(
  name: string,
  wanted: readonly string[],
  known: ReturnType<KnownVariable>,
): Evaluated {
  if (wanted.length === 0)
    return leaf('variable', 'unknown', `no value is listed for the variable ${shown(name)}`);
  if (known === undefined)
    return leaf(
      'variable',
      'unknown',
      `the variable ${shown(name)} has no value (--var ${shown(name)}=<value>)`,
    );
  const because = known.why === undefined ? '' : ` (${known.why})`;
  const is = `the variable ${shown(name)} is ${quoted(known.value)}`;
  if (wanted.includes(known.value)) return leaf('variable', true, `${is}${because}`);
  return leaf('variable', false, `${is}, not ${either(wanted.map(quoted))}${because}`);
}

interface Wording {
  readonly unknown: string;
  readonly met: (found: string) => string;
  readonly unmet: (wanted: string, of: readonly string[]) => string;
}

function globTest(
  test: Leaf,
  globs: readonly string[],
  values: readonly string[] | undefined,
  wording: Wording,
): Evaluated {
  if (globs.length === 0) return leaf(test, 'unknown', `no ${test} is listed`);
  const malformed = globs.find((glob) => checkGlob(glob) !== undefined);
  if (malformed !== undefined) return leaf(test, 'unknown', `${shown(malformed)} is no pattern`);
  if (values === undefined) return leaf(test, 'unknown', wording.unknown);
  const found = values.find(globMatcher(globs));
  if (found !== undefined) return leaf(test, true, wording.met(shown(found)));
  return leaf(
    test,
    false,
    wording.unmet(
      globsInWords(globs, (words) => either(words.map(shown))),
      values.slice(0, 1).map(shown),
    ),
  );
}

function leaf(test: Leaf, value: Truth, reason: string): Evaluated {
  return { test, value, reason };
}

function either(words: readonly string[]): string {
  const some = words.length <= 4 ? words : [...words.slice(0, 3), `${words.length - 3} others`];
  return some.length === 1 ? (some[0] ?? '') : `${some.slice(0, -1).join(', ')} or ${some.at(-1)}`;
}

/** Values come from outside: they stay on the line and are not mistaken for words of the sentence. */
function shown(text: string): string {
  return /^[\p{L}\p{N}._/@:*?+!{},[\]-]{1,80}$/u.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 79)}…`);
}
