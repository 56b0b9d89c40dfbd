import type {
  AuthoredCondition,
  AuthoredLimits,
  AuthoredPipeline,
  AuthoredStage,
  AuthoredTrigger,
} from './authored.ts';
import { type Draft, listOf } from './draft.ts';
import { errorAt, type Finding, type Path } from './finding.ts';
import { quoted } from './wording.ts';

/** Singular and plural of one key (spec: pipelines 1). */
const PAIRS = [
  ['branch', 'branches'],
  ['path', 'paths'],
  ['label', 'labels'],
  ['variable', 'variables'],
  ['frames', 'limits'],
] as const;

/** Maps in which one of these pairs may stand, with their paths. */
export function aliasFindings(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const look = (map: object, path: Path): void => {
    for (const [one, many] of PAIRS)
      if (Object.hasOwn(map, one) && Object.hasOwn(map, many))
        findings.push(
          errorAt([...path, many], 'key', `${quoted(one)} and ${quoted(many)} are two names of one key`, {
            hint: 'keep one of them, with all values',
          }),
        );
  };
  look(draft.authored, []);
  for (const [index, trigger] of listOfMaps(draft.authored.triggers)) look(trigger, ['triggers', index]);
  for (const stage of draft.stages)
    if (stage.authored.frames !== undefined && stage.authored.limits !== undefined)
      look(stage.authored, stage.path);
  for (const { condition, path } of conditionsOf(draft)) look(condition, path);
  return findings;
}

export function variablesOf(authored: AuthoredPipeline): AuthoredPipeline['variables'] {
  return authored.variables ?? authored.variable;
}

/** Stop conditions of one stage. */
export function limitsOf(stage: AuthoredStage): AuthoredLimits | undefined {
  return stage.limits ?? stage.frames;
}

export function branchesOf(map: AuthoredCondition | AuthoredTrigger): readonly string[] | undefined {
  return optionalList(map.branch ?? map.branches);
}

export function pathsOf(map: AuthoredCondition | AuthoredTrigger): readonly string[] | undefined {
  return optionalList(map.path ?? map.paths);
}

export function labelsOf(map: AuthoredCondition | AuthoredTrigger): readonly string[] | undefined {
  return optionalList(map.label ?? map.labels);
}

function optionalList(written: string | readonly string[] | undefined): readonly string[] | undefined {
  return written === undefined ? undefined : listOf(written);
}

export interface PlacedCondition {
  readonly condition: AuthoredCondition;
  readonly path: Path;
}

/** Every condition of stages and groups with those inside of it. */
export function conditionsOf(draft: Draft): PlacedCondition[] {
  const found: PlacedCondition[] = [];
  const open: PlacedCondition[] = [];
  for (const owners of [draft.groups, draft.stages])
    for (const owner of owners)
      if (owner.authored.when !== undefined)
        open.push({ condition: owner.authored.when, path: [...owner.path, 'when'] });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    for (const key of ['and', 'or', 'not'] as const)
      open.push(...within(next.condition[key], [...next.path, key]));
  }
  return found;
}

function within(
  written: AuthoredCondition | readonly AuthoredCondition[] | undefined,
  path: Path,
): PlacedCondition[] {
  if (written === undefined) return [];
  if (!isList(written)) return [{ condition: written, path }];
  return written.map((condition, index) => ({ condition, path: [...path, index] }));
}

/** `and`, `or` and `not` take a map or a list of maps. */
export function conditionList(
  written: AuthoredCondition | readonly AuthoredCondition[],
): readonly AuthoredCondition[] {
  return isList(written) ? written : [written];
}

function isList<T>(written: T | readonly T[]): written is readonly T[] {
  return Array.isArray(written);
}

function listOfMaps<T>(list: readonly T[] | undefined): [number, T][] {
  return [...(list ?? []).entries()].filter(([, item]) => item !== undefined && item !== null);
}
