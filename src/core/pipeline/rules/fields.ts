import { ENVIRONMENT_NAME, VARIABLE_NAME } from '../authored.ts';
import { DEFAULTS } from '../defaults.ts';
import { type Draft, type DraftStage, itemPath, listOf } from '../draft.ts';
import { parseDuration } from '../duration.ts';
import { errorAt, type Finding, type Path } from '../finding.ts';
import { missingName } from '../references.ts';
import { quoted } from '../wording.ts';

/**
 * What single fields of a pipeline and its stages have to hold beyond their form. `needs` is undefined where the order
 * could not be read.
 */
export function fieldFindings(draft: Draft, needs: readonly (readonly number[])[] | undefined): Finding[] {
  const findings: Finding[] = [];
  const { authored } = draft;
  for (const key of ['variables', 'variable'] as const)
    findings.push(
      ...names(authored[key], [key], VARIABLE_NAME, 'a variable', 'letters, digits, "_" and "-"'),
    );
  for (const stage of draft.stages) findings.push(...ofStage(draft, stage));
  findings.push(...reviewFindings(draft, needs));
  return findings;
}

const NONE: readonly Finding[] = [];

function ofStage(draft: Draft, stage: DraftStage): readonly Finding[] {
  const { authored } = stage;
  const { env, outputs, working_directory: place, retry, limits, frames } = authored;
  if (!(env || outputs || place || retry || limits || frames)) return NONE;
  const { path } = stage;
  return [
    ...ownLimits(authored, path),
    ...names(
      authored.env,
      [...path, 'env'],
      ENVIRONMENT_NAME,
      'an environment variable',
      'letters, digits and "_"',
    ),
    ...reservedNames(authored.env, [...path, 'env']),
    ...outputNames(authored.outputs, [...path, 'outputs']),
    ...directory(authored.working_directory, [...path, 'working_directory']),
    ...retries(draft, authored, path),
  ];
}

/** A guard that nobody keeps would be no guard: limits are counted over the whole run so far. */
function ownLimits(authored: DraftStage['authored'], path: Path): Finding[] {
  return (['limits', 'frames'] as const)
    .filter((key) => authored[key] !== undefined)
    .map((key) =>
      errorAt([...path, key], 'key', 'limits of a single stage are not counted yet', {
        hint: 'put them under "limits" of the pipeline, where they hold for the whole run',
      }),
    );
}

function names(map: object | undefined, path: Path, pattern: RegExp, what: string, holds: string): Finding[] {
  return Object.keys(map ?? {})
    .filter((name) => !pattern.test(name))
    .map((name) =>
      errorAt([...path, name], 'key', `${quoted(name)} cannot be the name of ${what}`, {
        hint: `it begins with a letter or "_" and holds ${holds}`,
      }),
    );
}

function reservedNames(env: object | undefined, path: Path): Finding[] {
  return Object.keys(env ?? {})
    .filter((name) => name.startsWith('MURMUR8_'))
    .map((name) =>
      errorAt([...path, name], 'key', `${quoted(name)} is set by the engine`, {
        hint: 'choose a name that does not begin with MURMUR8_',
      }),
    );
}

function outputNames(written: string | readonly string[] | undefined, path: Path): Finding[] {
  const outputs = listOf(written);
  return outputs.flatMap((name, index) => {
    const at = itemPath(path, written, index);
    if (!VARIABLE_NAME.test(name))
      return [
        errorAt(at, 'value', `${quoted(name)} cannot be the name of an output`, {
          hint: 'it begins with a letter or "_" and holds letters, digits, "_" and "-"',
        }),
      ];
    return outputs.indexOf(name) < index
      ? [errorAt(at, 'value', `${quoted(name)} is declared twice`, { hint: 'take one of the two out' })]
      : [];
  });
}

/** What a reference stands for is looked at when the stage starts. */
function directory(written: string | undefined, path: Path): Finding[] {
  if (written === undefined) return [];
  if (/^([/\\]|[A-Za-z]:)/.test(written))
    return [
      errorAt(path, 'value', '"working_directory" is relative to the project', {
        hint: 'write src, not /src',
      }),
    ];
  let depth = 0;
  for (const part of written.split(/[/\\]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0)
      return [
        errorAt(path, 'value', '"working_directory" lies outside of the project', {
          hint: 'take the ".." out',
        }),
      ];
  }
  return [];
}

function retries(draft: Draft, authored: DraftStage['authored'], path: Path): Finding[] {
  const { retry } = authored;
  if (retry === undefined) return [];
  if (authored.retries !== undefined)
    return [
      errorAt([...path, 'retries'], 'key', '"retries" is the short form of "retry"', {
        hint: `write "max: ${authored.retries}" under "retry" instead`,
      }),
    ];
  if (retry.max === undefined && (draft.authored.defaults?.retries ?? DEFAULTS.retries) === 0)
    return [
      errorAt([...path, 'retry'], 'key', '"retry" does not say how often', { hint: 'add "max: 3" to it' }),
    ];
  const delay = parseDuration(retry.delay ?? '') ?? DEFAULTS.retryDelayMs;
  const longest = parseDuration(retry.max_delay ?? '') ?? Math.max(delay, DEFAULTS.retryMaxDelayMs);
  return longest < delay
    ? [
        errorAt([...path, 'retry', 'max_delay'], 'value', '"max_delay" is shorter than "delay"', {
          hint: 'make it longer',
        }),
      ]
    : [];
}

/** What a stage rates has to be finished before it starts, and must not be passed by when it is sent back. */
function reviewFindings(draft: Draft, needs: readonly (readonly number[])[] | undefined): Finding[] {
  const missing = missingName(draft);
  const reviewers = draft.stages.filter(({ authored }) => authored.reviews !== undefined);
  return reviewers.flatMap(({ authored, path, index }) =>
    listOf(authored.reviews).flatMap((name, position) => {
      const at = itemPath([...path, 'reviews'], authored.reviews, position);
      const target = draft.stageNamed.get(name);
      if (target === undefined) return [missing(name, at, 'reviews')];
      if (needs === undefined || needs[index]?.includes(target) || draft.isBroken(path, 'depends_on'))
        return [];
      return [
        errorAt(at, 'value', `${quoted(authored.name)} reviews ${quoted(name)} and does not wait for it`, {
          hint: `name ${quoted(name)} in its "depends_on" as well`,
        }),
      ];
    }),
  );
}
