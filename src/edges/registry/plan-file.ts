import { createHash } from 'node:crypto';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { definitionPath } from './definition-file.ts';

const LARGEST = 64 << 20;

/** All that decides what a definition means. */
export interface PlanKey {
  /** Name in the registry. */
  readonly name: string;
  /** SHA-256 of the registered text. */
  readonly hash: string;
  /** Which code understood it. */
  readonly grammar: string;
  /** What was known outside of the file. */
  readonly context: string;
}

/**
 * What a registered definition was understood as, kept beside it so that a run need not read YAML anew: a cache, which
 * is taken only where it belongs to this very key. Undefined where it does not, is damaged, or is not there.
 */
export function readPlan(directory: string, key: PlanKey): unknown {
  const text = readTextBounded(planPath(directory, key.name), LARGEST);
  if (!text.ok || text.value === undefined) return undefined;
  const end = text.value.indexOf('\n');
  const plan = text.value.slice(end + 1);
  try {
    if (end < 0 || text.value.slice(0, end) !== sealOf(directory, key, plan)) return undefined;
    const value: unknown = JSON.parse(plan);
    return value;
  } catch {
    return undefined;
  }
}

/** Keeps a plan for the next run, as far as that is possible here: without it the definition is read once more. */
export function keepPlan(directory: string, key: PlanKey, plan: unknown): void {
  try {
    const plans = join(directory, PLANS);
    if (!existsSync(plans)) {
      makePrivateDirectory(plans);
      // Of one machine only, whoever keeps the definitions in git.
      writeFileAtomic(join(plans, '.gitignore'), '*\n');
    }
    const text = JSON.stringify(plan);
    writeFileAtomic(planPath(directory, key.name), `${sealOf(directory, key, text)}\n${text}`);
  } catch {
    // A directory that takes no writes has no plans.
  }
}

export function removePlan(directory: string, name: string): void {
  rmSync(planPath(directory, name), { force: true });
}

const PLANS = '.plans';

function planPath(directory: string, name: string): string {
  return join(directory, PLANS, `${name}.json`);
}

/**
 * Names the definition's file as it lies on this disk: a plan that came with the project, and that nobody looks
 * through as they do a definition, belongs to no file here.
 */
function sealOf(directory: string, key: PlanKey, plan: string): string {
  const { dev, ino, ctimeNs } = statSync(definitionPath(directory, key.name), { bigint: true });
  const { name, hash, grammar, context } = key;
  return createHash('sha256')
    .update(JSON.stringify([name, hash, grammar, context, `${dev}:${ino}:${ctimeNs}`]))
    .update(plan)
    .digest('hex');
}
