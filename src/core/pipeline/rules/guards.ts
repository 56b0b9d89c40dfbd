import { checkGlob, checkGlobs } from '../../glob/match.ts';
import { conditionsOf } from '../aliases.ts';
import type { AuthoredCondition, AuthoredTrigger } from '../authored.ts';
import { type Draft, itemPath, listOf } from '../draft.ts';
import { errorAt, type Finding, type Path } from '../finding.ts';
import { quoted } from '../wording.ts';

const GLOBS = ['branch', 'branches', 'path', 'paths', 'label', 'labels'] as const;

/**
 * Guards that ask nothing, and patterns that nothing can be measured by (spec: pipelines 3). A run takes either for
 * unknown and passes the stage by; whoever wrote it learns of it before.
 */
export function guardFindings(draft: Draft): Finding[] {
  const guarded = [...draft.groups, ...draft.stages].some(({ authored }) => authored.when !== undefined);
  if (!guarded) return [];
  return conditionsOf(draft).flatMap(({ condition, path }) => [
    ...saysNothing(condition, path),
    ...globFindings(condition, path, GLOBS),
  ]);
}

/** The same for the patterns of a trigger. */
export function triggerGlobFindings(trigger: AuthoredTrigger, path: Path): Finding[] {
  return globFindings(trigger, path, ['event', ...GLOBS]);
}

function saysNothing(condition: AuthoredCondition, path: Path): Finding[] {
  const key = quoted(String(path.findLast((step) => typeof step === 'string')));
  if (Object.keys(condition).length === 0)
    return [
      errorAt(path, typeof path.at(-1) === 'number' ? 'value' : 'key', `${key} asks for nothing`, {
        hint: 'give it branch, path, label or variable, or take it out',
      }),
    ];
  return (['variable', 'variables'] as const)
    .filter((name) => condition[name] !== undefined && Object.keys(condition[name]).length === 0)
    .map((name) =>
      errorAt([...path, name], 'key', `${quoted(name)} asks for nothing`, {
        hint: 'write "name: value" under it, or take the key out',
      }),
    );
}

function globFindings<K extends string>(
  map: { readonly [P in K]?: string | readonly string[] | undefined },
  path: Path,
  keys: readonly K[],
): Finding[] {
  return keys.flatMap((key) => {
    const written = map[key];
    if (written === undefined) return [];
    const globs = listOf(written);
    const malformed = globs.flatMap((glob, index) => {
      const wrong = checkGlob(glob);
      const at = itemPath([...path, key], written, index);
      return wrong === undefined ? [] : [errorAt(at, 'value', `${quoted(glob)} is no pattern: ${wrong}`)];
    });
    const never = malformed.length > 0 ? undefined : checkGlobs(globs);
    if (never === undefined) return malformed;
    return [errorAt([...path, key], 'key', `${quoted(key)} never matches`, { hint: never })];
  });
}
