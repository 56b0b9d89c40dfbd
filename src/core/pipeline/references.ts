import { nearestTo } from '../nearest.ts';
import { NAME } from './authored.ts';
import { type Draft, type DraftGroup, type DraftStage, itemPath, listOf } from './draft.ts';
import { errorAt, type Finding, type Path } from './finding.ts';
import { quoted } from './wording.ts';

/** What stages and groups name with `depends_on` and `parallel_with`, as numbers of stages. */
export interface Named {
  /** By stage; undefined where the stage itself says nothing. */
  readonly dependsOn: readonly (readonly number[] | undefined)[];
  readonly parallelWith: readonly (readonly number[])[];
  /** Of groups that say it. */
  readonly groupDependsOn: ReadonlyMap<DraftGroup, readonly number[]>;
}

/** Looking for what was meant among thousands of names is worth it only so often. */
const MAX_SUGGESTIONS = 50;

/** Resolves names; a group's name stands for all its stages. Unknown names and references to oneself are problems. */
export function resolveNames(draft: Draft): { readonly named: Named; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const missing = missingName(draft);
  const resolve = (
    owner: DraftStage | DraftGroup,
    key: 'depends_on' | 'parallel_with',
    written: string | readonly string[],
    within?: DraftGroup,
  ): readonly number[] => {
    const list = listOf(written);
    const plain = plainStages(draft, list, owner.authored.name);
    if (plain !== undefined) return plain;
    const found: number[] = [];
    let hasGroup = false;
    for (let position = 0; position < list.length; position += 1) {
      const name = list[position] ?? '';
      const stage = draft.stageNamed.get(name);
      if (stage !== undefined && name !== owner.authored.name) {
        if (position >= MOST_COMPARED || !found.includes(stage)) found.push(stage);
        continue;
      }
      const group = draft.groupNamed.get(name);
      const at = itemPath([...owner.path, key], written, position);
      if (name === owner.authored.name) findings.push(selfReference(at, key, name));
      else if (group === undefined) findings.push(missing(name, at, key));
      else if (group === within) findings.push(ownGroup(at, name));
      else if (key === 'parallel_with') findings.push(groupHere(at, key, group));
      else {
        hasGroup = true;
        for (let member = group.start; member < group.end; member += 1) found.push(member);
      }
    }
    return list.length <= MOST_COMPARED && !hasGroup ? found : [...new Set(found)];
  };
  const groupDependsOn = new Map<DraftGroup, readonly number[]>();
  for (const group of draft.groups) {
    const { depends_on: written } = group.authored;
    if (written !== undefined) groupDependsOn.set(group, resolve(group, 'depends_on', written));
  }
  const dependsOn: (readonly number[] | undefined)[] = [];
  const parallelWith: (readonly number[])[] = [];
  for (const stage of draft.stages) {
    const { depends_on: needed, parallel_with: beside } = stage.authored;
    dependsOn.push(needed === undefined ? undefined : resolve(stage, 'depends_on', needed, stage.group));
    parallelWith.push(beside === undefined ? NONE : resolve(stage, 'parallel_with', beside, stage.group));
  }
  return { named: { dependsOn, parallelWith, groupDependsOn }, findings };
}

const NONE: readonly number[] = [];

/**
 * The same where a few other stages are named, each once, as nearly everywhere; undefined elsewhere. In an array of just
 * that length: one that grows takes ten times the memory, and a file may have very many.
 */
function plainStages(
  { stageNamed }: Draft,
  list: readonly string[],
  own: string | undefined,
): readonly number[] | undefined {
  if (list.length > MOST_COMPARED) return undefined;
  const found = list.map((name) => stageNamed.get(name) ?? -1);
  for (let position = 0; position < found.length; position += 1) {
    const stage = found[position] ?? -1;
    if (stage === -1 || list[position] === own || found.indexOf(stage) !== position) return undefined;
  }
  return found;
}

/** Sets are for longer lists. */
const MOST_COMPARED = 9;

/** Says that a name is no stage, with what was meant; shared by all rules that read names of stages. */
export function missingName(draft: Draft): (name: string, path: Path, key: string) => Finding {
  let suggestions = 0;
  return (name, path, key) => {
    suggestions += 1;
    const meant = suggestions > MAX_SUGGESTIONS ? undefined : nearestName(draft, name);
    return errorAt(path, 'value', `${quoted(key)} names ${quoted(name)}, which is no stage`, {
      ...(meant === undefined ? {} : { hint: `did you mean ${quoted(meant)}?` }),
    });
  };
}

export function nearestName(draft: Draft, name: string): string | undefined {
  const near: string[] = [];
  for (const known of [...draft.stageNamed.keys(), ...draft.groupNamed.keys()])
    if (Math.abs(known.length - name.length) <= Math.max(2, name.length / 3) && NAME.test(known))
      near.push(known);
  return nearestTo(name, near);
}

/** That a group is named where only a stage has a meaning. */
export function groupHere(path: Path, key: string, group: DraftGroup): Finding {
  const members = group.authored.parallel.map((stage) => stage?.name).filter((name) => name !== undefined);
  return errorAt(
    path,
    'value',
    `${quoted(key)} names the group ${quoted(group.authored.name ?? '')}; it takes stages`,
    {
      hint: `name one of its stages: ${members.slice(0, 8).join(', ')}`,
    },
  );
}

function selfReference(path: Path, key: string, name: string): Finding {
  const message =
    key === 'depends_on'
      ? `${quoted(name)} cannot wait for itself`
      : `${quoted(name)} is named as parallel with itself`;
  return errorAt(path, 'value', message, { hint: 'take it out' });
}

function ownGroup(path: Path, name: string): Finding {
  return errorAt(path, 'value', `a stage cannot name its own group ${quoted(name)}`, {
    hint: 'stages of a group run in parallel anyway',
  });
}

/** Path of the item with which a stage names another; of its key or name where it does not. */
export function placeOfName(draft: Draft, from: DraftStage, to: number): Path {
  const target = draft.stages[to];
  for (const key of ['depends_on', 'parallel_with'] as const) {
    const written = from.authored[key];
    const position = listOf(written).findIndex(
      (name) =>
        name === target?.authored.name ||
        (target?.group !== undefined && name === target.group.authored.name),
    );
    if (position >= 0) return itemPath([...from.path, key], written, position);
  }
  return [...from.path, 'name'];
}
