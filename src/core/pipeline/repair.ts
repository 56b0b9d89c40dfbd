import type { AuthoredPipeline } from './authored.ts';
import type { Path } from './finding.ts';
import { type FlatIssue, valueAt } from './issues.ts';

/** What can still be checked of a definition that deviates from the schema. */
export interface Repaired {
  readonly authored: AuthoredPipeline;
  /** Fields that were taken out, as `brokenKey` names them: rules that lean on one say nothing. */
  readonly broken: ReadonlySet<string>;
  /** Whether the order of stages is what was meant. */
  readonly knowsOrder: boolean;
}

/** Key of a field of the stage, group or pipeline at a path. */
export function brokenKey(path: Path, field: string): string {
  return [...path, field].join('/');
}

/**
 * Takes out what deviates, so that references, cycles and guards of the rest can be checked and everything wrong is
 * told at once. Changes the document; a stage that is none leaves a hole, so that all others keep their place.
 * Undefined when nothing is left to check.
 */
export function repair(document: unknown, issues: readonly FlatIssue[]): Repaired | undefined {
  if (!isMap(document) || !Array.isArray(document['stages'])) return undefined;
  const broken = new Set<string>();
  let knowsOrder = true;
  for (const { path, issue } of issues) {
    const owner = ownerOf(path);
    const field = path[owner.length];
    // A key too many is passed over by itself; a group within a group is no stage.
    if (issue.code === 'unrecognized_keys' && field === undefined && !isInnerGroup(issue.keys, path))
      continue;
    // Which variables there are is known whatever their values are.
    if (owner.length === 0 && VARIABLES.has(String(field)) && path.length > 1) continue;
    if (owner[0] !== 'triggers' && (field === undefined || ORDER.has(String(field)))) knowsOrder = false;
    if (field === undefined || field === 'parallel') dropItem(document, owner);
    else {
      broken.add(brokenKey(owner, String(field)));
      dropField(document, owner, field);
    }
  }
  if (!Array.isArray(document['stages'])) return undefined;
  return { authored: document as unknown as AuthoredPipeline, broken, knowsOrder };
}

/** Whether keys too many are those of a group that stands within a group. */
function isInnerGroup(keys: readonly string[], path: Path): boolean {
  return path[0] === 'stages' && keys.includes('parallel');
}

const ORDER = new Set(['name', 'depends_on', 'parallel_with', 'parallel', 'order', 'stages']);

const VARIABLES = new Set(['variables', 'variable']);

/** The pipeline, trigger, group or stage to which a path belongs. */
function ownerOf(path: Path): Path {
  if (path[0] === 'triggers') return path.slice(0, path.length < 2 ? 0 : 2);
  if (path[0] !== 'stages' || path.length < 2) return [];
  return path[2] === 'parallel' && path.length > 3 ? path.slice(0, 4) : path.slice(0, 2);
}

function dropItem(document: Record<string, unknown>, owner: Path): void {
  const list = valueAt(document, owner.slice(0, -1));
  if (Array.isArray(list)) list[Number(owner.at(-1))] = undefined;
}

function dropField(document: Record<string, unknown>, owner: Path, field: string | number): void {
  const map = valueAt(document, owner);
  if (!isMap(map)) return;
  // Others may name it however badly it is formed; one without a name gets one that nobody can name.
  if (field === 'name') map['name'] = typeof map['name'] === 'string' ? map['name'] : `\0${owner.join('/')}`;
  else delete map[field];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
