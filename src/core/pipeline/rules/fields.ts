import { ENVIRONMENT_NAME, VARIABLE_NAME } from '../authored.ts';
import { DEFAULTS } from '../defaults.ts';
import { type Draft, type DraftStage, itemPath, listOf } from '../draft.ts';
import { parseDuration } from '../duration.ts';
import { errorAt, type Finding, type Path } from '../finding.ts';
import { missingName } from '../references.ts';
import { quoted } from '../wording.ts';
import { directoryFindings } from './directory.ts';
import { exportFindings } from './export.ts';
import { limitFindings, stageLimitFindings } from './limits.ts';
import { strategyFindings } from './strategies.ts';

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
  findings.push(...limitFindings(draft), ...exportFindings(draft));
  findings.push(...reviewFindings(draft, needs));
  return findings;
}

const NONE: readonly Finding[] = [];

function ofStage(draft: Draft, stage: DraftStage): readonly Finding[] {
  const { authored } = stage;
  const { env, outputs, working_directory: place, retry, limits, frames, max_parallel: most } = authored;
  if (!(env || outputs || place || retry || limits || frames || most)) return NONE;
  const { path } = stage;
  return [
    ...names(
      authored.env,
      [...path, 'env'],
      ENVIRONMENT_NAME,
      'an environment variable',
      'letters, digits and "_"',
    ),
    ...reservedNames(authored.env, [...path, 'env']),
    ...outputNames(authored.outputs, [...path, 'outputs']),
    ...ownDirectory(authored.working_directory, [...path, 'working_directory']),
    ...ownParallelism(draft, authored, path),
    ...retries(draft, authored, path),
    ...strategyFindings(draft, stage),
    ...stageLimitFindings(draft, stage),
  ];
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

function ownDirectory(written: string | undefined, path: Path): Finding[] {
  if (written === undefined) return [];
  return directoryFindings(written, path, {
    label: '"working_directory"',
    root: 'the project',
    example: 'src, not /src',
  });
}

/** Only frames of one stage can be told how many of them may be at work. */
function ownParallelism(draft: Draft, authored: DraftStage['authored'], path: Path): Finding[] {
  if (authored.max_parallel === undefined || authored.foreach !== undefined) return [];
  if (draft.isBroken(path, 'foreach')) return [];
  return [
    errorAt([...path, 'max_parallel'], 'key', '"max_parallel" of a stage without "foreach" has no effect', {
      hint: 'add "foreach"; how many stages run at the same time is said beside "stages"',
    }),
  ];
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
