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

export interface DraftStage {
  readonly index: number;
  readonly authored: AuthoredStage;
  readonly path: Path;
  readonly group?: DraftGroup;
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
  const taken = new Map<string, Path>();
  const claim = (name: string, path: Path): boolean => {
    const first = taken.get(name);
    if (first === undefined) {
      taken.set(name, path);
      return true;
    }
    findings.push(
      errorAt([...path, 'name'], 'value', `two stages or groups are named ${quoted(name)}`, {
        other: { path: [...first, 'name'], says: 'the first one is in' },
      }),
    );
    return false;
  };
  const add = (stage: AuthoredStage, path: Path, group?: DraftGroup): void => {
    const index = stages.length;
    if (claim(stage.name, path)) stageNamed.set(stage.name, index);
    stages.push({ index, authored: stage, path, ...(group === undefined ? {} : { group }) });
  };
  for (const [position, item] of authored.stages.entries()) {
    // Where a stage could not be read there is a hole.
    if (!item) continue;
    if (!('parallel' in item)) {
      add(item, ['stages', position]);
      continue;
    }
    const path: Path = ['stages', position];
    const group: DraftGroup = { authored: item, path, start: stages.length, end: stages.length };
    if (item.name !== undefined && claim(item.name, path)) groupNamed.set(item.name, group);
    for (const [place, member] of item.parallel.entries())
      if (member) add(member, [...path, 'parallel', place], group);
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
