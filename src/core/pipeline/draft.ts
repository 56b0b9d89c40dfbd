import type { AuthoredGroup, AuthoredPipeline, AuthoredStage } from './authored.ts';
import { errorAt, type Finding, type Path } from './finding.ts';
import { brokenKey } from './repair.ts';
import { quoted } from './wording.ts';

/** A definition whose groups are opened, before its order is known. Stages are numbered in the order of the file. */
export interface Draft {
  readonly authored: AuthoredPipeline;
  readonly stages: readonly DraftStage[];
  readonly groups: readonly DraftGroup[];
  /** Number of a stage by its name; the first one where two share it. */
  readonly stageNamed: ReadonlyMap<string, number>;
  readonly groupNamed: ReadonlyMap<string, DraftGroup>;
  /** Whether this field could not be read, so that nothing can be said about it. */
  readonly isBroken: (path: Path, field: string) => boolean;
}

/** Its path is made when it is asked for: where nothing is wrong, most are not. */
export class DraftStage {
  readonly index: number;
  readonly authored: AuthoredStage;
  readonly group: DraftGroup | undefined;
  private readonly position: number;

  /** `position` is that in its list: of stages, or of the group. */
  constructor(index: number, authored: AuthoredStage, position: number, group: DraftGroup | undefined) {
    this.index = index;
    this.authored = authored;
    this.position = position;
    this.group = group;
  }

  get path(): Path {
    if (this.group === undefined) return ['stages', this.position];
    return [...this.group.path, 'parallel', this.position];
  }
}

export interface DraftGroup {
  readonly authored: AuthoredGroup;
  readonly path: Path;
  /** Its stages: from `start`, before `end`. */
  readonly start: number;
  end: number;
}

/** Opens groups and gives every name its bearer. Two bearers of one name are a problem. */
export function draft(
  authored: AuthoredPipeline,
  broken: ReadonlySet<string>,
): { readonly draft: Draft; readonly findings: readonly Finding[] } {
  const stages: DraftStage[] = [];
  const groups: DraftGroup[] = [];
  const stageNamed = new Map<string, number>();
  const groupNamed = new Map<string, DraftGroup>();
  const findings: Finding[] = [];
  const twice = (name: string, path: Path): Finding => {
    const first = (groupNamed.get(name) ?? stages[stageNamed.get(name) ?? -1])?.path ?? path;
    return errorAt([...path, 'name'], 'value', `two stages or groups are named ${quoted(name)}`, {
      other: { path: [...first, 'name'], says: 'the first one is in' },
    });
  };
  const add = (authored: AuthoredStage, position: number, group: DraftGroup | undefined): void => {
    const stage = new DraftStage(stages.length, authored, position, group);
    const { name } = authored;
    const before = stageNamed.size;
    stageNamed.set(name, stage.index);
    // One look-up for each name: where it did not make the map longer, the first bearer is put back.
    if (stageNamed.size === before)
      stageNamed.set(
        name,
        stages.findIndex((one) => one.authored.name === name),
      );
    if (stageNamed.size === before || (groupNamed.size > 0 && groupNamed.has(name)))
      findings.push(twice(name, stage.path));
    stages.push(stage);
  };
  for (let position = 0; position < authored.stages.length; position += 1) {
    const item = authored.stages[position];
    // Where a stage could not be read there is a hole.
    if (!item) continue;
    if (!('parallel' in item)) {
      add(item, position, undefined);
      continue;
    }
    const path: Path = ['stages', position];
    const group: DraftGroup = { authored: item, path, start: stages.length, end: stages.length };
    if (item.name !== undefined) {
      if (stageNamed.has(item.name) || groupNamed.has(item.name)) findings.push(twice(item.name, path));
      else groupNamed.set(item.name, group);
    }
    for (const [place, member] of item.parallel.entries()) if (member) add(member, place, group);
    group.end = stages.length;
    groups.push(group);
  }
  const isBroken = (path: Path, field: string): boolean =>
    broken.size > 0 && broken.has(brokenKey(path, field));
  return { draft: { authored, stages, groups, stageNamed, groupNamed, isBroken }, findings };
}

/** A string wherever a list of strings is. */
export function listOf<T extends string | number>(written: T | readonly T[] | undefined): readonly T[] {
  if (written === undefined) return [];
  return typeof written === 'object' ? written : [written];
}

/** Path of an item of something that may be a list or one string. */
export function itemPath(path: Path, written: unknown, index: number): Path {
  return Array.isArray(written) ? [...path, index] : path;
}
