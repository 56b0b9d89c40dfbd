import { branchesOf, conditionList, labelsOf, pathsOf } from './aliases.ts';
import type { AuthoredCondition, AuthoredTrigger } from './authored.ts';
import type { Condition, Trigger } from './definition.ts';
import { itemPath, listOf } from './draft.ts';
import type { Path } from './finding.ts';
import { given } from './given.ts';
import { scheduleOf } from './rules/triggers.ts';

/** How a number or boolean stands in the file: `1.0` is not `1`. */
export type WrittenAt = (path: Path) => string | undefined;

/** A condition in normal form; nested at most as deep as the reader of YAML allows. */
export function condition(authored: AuthoredCondition, path: Path, writtenAt: WrittenAt): Condition {
  const key = authored.variable === undefined ? 'variables' : 'variable';
  const inner = (word: 'and' | 'or' | 'not'): readonly Condition[] | undefined => {
    const written = authored[word];
    return written === undefined
      ? undefined
      : conditionList(written).map((one, index) =>
          condition(one, itemPath([...path, word], written, index), writtenAt),
        );
  };
  return {
    ...given('branch', branchesOf(authored)),
    ...given('path', pathsOf(authored)),
    ...given('label', labelsOf(authored)),
    ...given('variable', wantedValues(authored[key], [...path, key], writtenAt)),
    ...given('and', inner('and')),
    ...given('or', inner('or')),
    ...given('not', inner('not')),
  };
}

function wantedValues(
  wanted: AuthoredCondition['variable'],
  path: Path,
  writtenAt: WrittenAt,
): Condition['variable'] | undefined {
  if (wanted === undefined) return undefined;
  const text = (value: string | number | boolean, at: Path): string =>
    typeof value === 'string' ? value : (writtenAt(at) ?? String(value));
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [
      name,
      typeof value === 'object'
        ? value.map((one, index) => text(one, [...path, name, index]))
        : text(value, [...path, name]),
    ]),
  );
}

/** A trigger in normal form. */
export function trigger(authored: AuthoredTrigger): Trigger {
  return {
    ...given('event', optionalList(authored.event)),
    ...given('branches', branchesOf(authored)),
    ...given('paths', pathsOf(authored)),
    ...given('labels', labelsOf(authored)),
    ...given('schedule', scheduleOf(authored)),
    ...given('forks', authored.forks),
  };
}

function optionalList(written: string | readonly string[] | undefined): readonly string[] | undefined {
  return written === undefined ? undefined : listOf(written);
}
