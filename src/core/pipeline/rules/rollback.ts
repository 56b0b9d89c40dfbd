import type { Draft, DraftStage } from '../draft.ts';
import { errorAt, type Finding, type Path } from '../finding.ts';
import { groupHere, missingName } from '../references.ts';
import { quoted } from '../wording.ts';

/** A target that has to be an ancestor, which is asked of all stages at once. */
export interface AncestorClaim {
  readonly stage: number;
  readonly target: number;
  readonly otherwise: Finding;
}

export interface RollbackReading {
  /** By stage: to which one is rolled back. */
  readonly targets: ReadonlyMap<number, number>;
  readonly claims: readonly AncestorClaim[];
  readonly findings: readonly Finding[];
}

/**
 * Where failures are rolled back to, and whether anything there can be undone (spec: pipelines 7). `needs` is undefined
 * where the order could not be read.
 */
export function rollbackTargets(
  draft: Draft,
  needs: readonly (readonly number[])[] | undefined,
): RollbackReading {
  const targets = new Map<number, number>();
  const claims: AncestorClaim[] = [];
  const findings: Finding[] = [];
  const missing = missingName(draft);
  for (const stage of draft.stages) {
    const { authored, index } = stage;
    const action = authored.on_failure ?? draft.authored.defaults?.on_failure;
    if (action !== 'rollback' && authored.rollback_to === undefined) continue;
    const { path } = stage;
    if (
      ['on_failure', 'rollback_to', 'rollback', 'run', 'depends_on'].some((key) => draft.isBroken(path, key))
    )
      continue;
    if (authored.on_failure === undefined && draft.isBroken([], 'defaults')) continue;
    const at: Path = [...path, 'rollback_to'];
    const name = authored.rollback_to;
    if (action !== 'rollback') {
      if (name !== undefined) findings.push(withoutEffect(at));
      continue;
    }
    const onFailure: Path = [...path, authored.on_failure === undefined ? 'name' : 'on_failure'];
    if (name === undefined) {
      if (needs === undefined) continue;
      const target = defaultTarget(stage, needs[index] ?? []);
      if (target === undefined) findings.push(noTarget(draft, stage, needs[index] ?? [], onFailure));
      else if (!canBeUndone(draft, target)) findings.push(cannotBeUndone(draft, target, onFailure));
      else targets.set(index, target);
      continue;
    }
    const target = draft.stageNamed.get(name);
    const group = draft.groupNamed.get(name);
    if (target === undefined) {
      findings.push(
        group === undefined ? missing(name, at, 'rollback_to') : groupHere(at, 'rollback_to', group),
      );
      continue;
    }
    if (target === index && authored.rollback === undefined) findings.push(noBlock(at, name));
    else if (!canBeUndone(draft, target)) findings.push(cannotBeUndone(draft, target, at));
    else targets.set(index, target);
    if (target !== index)
      claims.push({ stage: index, target, otherwise: noAncestor(authored.name, name, at) });
  }
  return { targets, claims, findings };
}

/** Its own block, else the only stage that it waits for. */
function defaultTarget({ authored, index }: DraftStage, needs: readonly number[]): number | undefined {
  if (authored.rollback !== undefined) return index;
  return needs.length === 1 ? needs[0] : undefined;
}

/** An agent can be asked to undo its work; a command needs another one that does. */
function canBeUndone(draft: Draft, target: number): boolean {
  const { run, rollback } = draft.stages[target]?.authored ?? {};
  return run === undefined || rollback !== undefined;
}

function withoutEffect(path: Path): Finding {
  return errorAt(path, 'key', '"rollback_to" without "on_failure: rollback" has no effect', {
    hint: 'add "on_failure: rollback", or take it out',
  });
}

function noTarget(draft: Draft, { authored }: DraftStage, needs: readonly number[], path: Path): Finding {
  const names = needs.map((need) => draft.stages[need]?.authored.name ?? '');
  const message =
    names.length === 0
      ? `${quoted(authored.name)} waits for no stage, so there is none to roll back to`
      : `${quoted(authored.name)} waits for several stages, so it has to say which one to roll back to`;
  return errorAt(path, 'value', message, {
    hint:
      names.length === 0
        ? 'give it a "rollback" of its own'
        : `add "rollback_to" with one of ${names.slice(0, 8).join(', ')}, or a "rollback" of its own`,
  });
}

function noBlock(path: Path, name: string): Finding {
  return errorAt(path, 'value', `${quoted(name)} is to undo itself, but has no "rollback"`, {
    hint: 'give it "rollback" with "run", or with "agent" and "task"',
  });
}

function cannotBeUndone(draft: Draft, target: number, path: Path): Finding {
  const name = draft.stages[target]?.authored.name ?? '';
  return errorAt(path, 'value', `nothing can undo ${quoted(name)}: it is a command without a "rollback"`, {
    hint: `give ${quoted(name)} a "rollback" with "run", or with "agent" and "task"`,
  });
}

function noAncestor(name: string, target: string, path: Path): Finding {
  return errorAt(
    path,
    'value',
    `${quoted(name)} does not wait for ${quoted(target)}, so it cannot roll back to it`,
    {
      hint: `name a stage that has ended before ${quoted(name)} starts, or add ${quoted(target)} to "depends_on"`,
    },
  );
}
