import { nearestTo } from '../../nearest.ts';
import { commandErrors } from '../../variable/command.ts';
import { type PlacedReference, referencesIn } from '../../variable/template.ts';
import { conditionsOf, variablesOf } from '../aliases.ts';
import type { AuthoredAudit } from '../authored.ts';
import { type Draft, type DraftStage, itemPath, listOf } from '../draft.ts';
import { errorAt, type Finding, type Path } from '../finding.ts';
import { nearestName } from '../references.ts';
import { quoted } from '../wording.ts';
import type { AncestorClaim } from './rollback.ts';
import { strategiesOf } from './strategies.ts';

interface Text {
  readonly text: string;
  readonly path: Path;
  /** A command's values are put into its environment, where quotes matter. */
  readonly isCommand?: boolean;
  /** Absent: it belongs to the pipeline. */
  readonly stage?: DraftStage;
  /** Undoing starts once the stage itself has ended, and the export once all have. */
  readonly afterwards?: boolean;
}

/** Facts that have a name of their own, whatever started the run. */
const ALWAYS_KNOWN = ['branch'];

/** References that could never have a value (spec: pipelines 4). Outputs have to be of an ancestor: `claims`. */
export function variableFindings(draft: Draft): {
  readonly claims: readonly AncestorClaim[];
  readonly findings: readonly Finding[];
} {
  const claims: AncestorClaim[] = [];
  const findings: Finding[] = [];
  const declared = new Set([...Object.keys(variablesOf(draft.authored) ?? {}), ...ALWAYS_KNOWN]);
  const knowsVariables = !draft.isBroken([], 'variables') && !draft.isBroken([], 'variable');
  for (const one of textsOf(draft)) {
    if (!one.text.includes(`\${`)) continue;
    const { references, errors } = referencesIn(one.text);
    for (const { message, hint, offset, length } of one.isCommand ? commandErrors(one.text) : errors)
      findings.push(
        errorAt(one.path, 'value', message, {
          within: { offset, length },
          ...(hint === undefined ? {} : { hint }),
        }),
      );
    for (const placed of references) {
      const judged = judge(draft, one, placed, knowsVariables ? declared : undefined);
      if (judged === undefined) continue;
      if ('otherwise' in judged) claims.push(judged);
      else findings.push(judged);
    }
  }
  if (knowsVariables) findings.push(...conditionFindings(draft, declared));
  return { claims, findings };
}

function judge(
  draft: Draft,
  { path, stage, afterwards }: Text,
  { reference, offset, length }: PlacedReference,
  declared: ReadonlySet<string> | undefined,
): Finding | AncestorClaim | undefined {
  const wrong = (message: string, hint?: string): Finding =>
    errorAt(path, 'value', message, { within: { offset, length }, ...(hint === undefined ? {} : { hint }) });
  switch (reference.kind) {
    case 'run':
    case 'event':
      return undefined;
    case 'variable':
      return declared === undefined || declared.has(reference.name)
        ? undefined
        : wrong(`${quoted(reference.name)} is not declared`, declareHint(reference.name, declared));
    case 'item':
      if (stage?.authored.foreach !== undefined || declared === undefined || declared.has('item'))
        return undefined;
      return wrong(`\${item} has a value only in stages with "foreach"`);
    case 'environment':
      if (stage === undefined) return wrong(`\${stage.environment} has a value only in stages`);
      if (path.at(-1) === 'environment') return wrong(`\${stage.environment} stands in "environment" itself`);
      return stage.authored.environment === undefined && !draft.isBroken(stage.path, 'environment')
        ? wrong(
            `stage ${quoted(stage.authored.name)} has no "environment"`,
            'give it one, or take the reference out',
          )
        : undefined;
    case 'output': {
      const target = draft.stageNamed.get(reference.stage);
      if (target === undefined) {
        const meant = nearestName(draft, reference.stage);
        return wrong(
          `${quoted(reference.stage)} is no stage${draft.groupNamed.has(reference.stage) ? ', but a group' : ''}`,
          meant === undefined || meant === reference.stage ? undefined : `did you mean ${quoted(meant)}?`,
        );
      }
      if (stage === undefined && !afterwards)
        return wrong('outputs of stages are not known before the run starts');
      const undeclared = undeclaredOutput(draft, target, reference.key);
      if (undeclared !== undefined) return wrong(...undeclared);
      if (stage === undefined) return undefined;
      if (target === stage.index)
        return afterwards ? undefined : wrong('a stage has no outputs before it has ended');
      const otherwise = wrong(
        `${quoted(stage.authored.name)} does not wait for ${quoted(reference.stage)}, so its outputs may not be there`,
        `add ${quoted(reference.stage)} to its "depends_on"`,
      );
      return { stage: stage.index, target, otherwise };
    }
  }
}

function undeclaredOutput(draft: Draft, target: number, key: string): [string, string] | undefined {
  const of = draft.stages[target];
  if (of === undefined || draft.isBroken(of.path, 'outputs')) return undefined;
  const outputs = listOf(of.authored.outputs);
  if (outputs.includes(key)) return undefined;
  const meant = nearestTo(key, outputs);
  return [
    `stage ${quoted(of.authored.name)} declares no output ${quoted(key)}`,
    meant === undefined ? `add ${quoted(key)} to its "outputs"` : `did you mean ${quoted(meant)}?`,
  ];
}

/**
 * A guard on a name that nobody can set would never be met. Besides variables, guards see outputs of stages before
 * theirs by name; what a contract gives out is the engine's affair.
 */
function conditionFindings(draft: Draft, declared: ReadonlySet<string>): Finding[] {
  const conditions = conditionsOf(draft);
  if (conditions.length === 0 || draft.stages.some(({ authored }) => authored.contract !== undefined))
    return [];
  const known = new Set([...declared, ...draft.stages.flatMap(({ authored }) => listOf(authored.outputs))]);
  return conditions.flatMap(({ condition, path }) => {
    const key = condition.variable === undefined ? 'variables' : 'variable';
    return Object.keys(condition[key] ?? {})
      .filter((name) => !known.has(name) && !name.startsWith('event.'))
      .map((name) =>
        errorAt([...path, key, name], 'key', `${quoted(name)} is not declared, so nothing can set it`, {
          hint: declareHint(name, known),
        }),
      );
  });
}

function declareHint(name: string, declared: ReadonlySet<string>): string {
  const meant = nearestTo(name, declared);
  return meant === undefined ? `declare it under "variables"` : `did you mean ${quoted(meant)}?`;
}

/** Fields of a stage in which references can stand. */
const MARKED = [
  'run',
  'task',
  'env',
  'environment',
  'working_directory',
  'foreach',
  'audit',
  'retry',
  'rollback',
] as const;

/** Whether it is worth a closer look. */
function holdsReference(value: unknown): boolean {
  return typeof value === 'string' ? value.includes(`\${`) : value !== undefined;
}

function* textsOf(draft: Draft): Generator<Text> {
  const { concurrency } = draft.authored;
  if (concurrency !== undefined) yield { text: concurrency.group, path: ['concurrency', 'group'] };
  yield* textsOfExport(draft);
  for (const stage of draft.stages) {
    const { authored } = stage;
    if (!MARKED.some((key) => holdsReference(authored[key]))) continue;
    const { path } = stage;
    const { task, run, env, environment, working_directory: directory, foreach, rollback } = authored;
    if (run !== undefined) yield { text: run, path: [...path, 'run'], isCommand: true, stage };
    if (task !== undefined) yield { text: task, path: [...path, 'task'], stage };
    if (environment !== undefined) yield { text: environment, path: [...path, 'environment'], stage };
    if (directory !== undefined) yield { text: directory, path: [...path, 'working_directory'], stage };
    for (const [name, value] of Object.entries(env ?? {}))
      if (typeof value === 'string') yield { text: value, path: [...path, 'env', name], stage };
    for (const [index, text] of listOf(foreach).entries())
      yield { text, path: itemPath([...path, 'foreach'], foreach, index), stage };
    if (authored.audit !== undefined) yield* textsOfAudit(authored.audit, [...path, 'audit'], stage);
    for (const { strategy, path: inner } of strategiesOf(authored.retry?.strategies ?? []))
      if (strategy.task !== undefined)
        yield { text: strategy.task, path: [...path, 'retry', 'strategies', ...inner, 'task'], stage };
    const undo = { stage, afterwards: true };
    if (rollback?.run !== undefined)
      yield { text: rollback.run, path: [...path, 'rollback', 'run'], isCommand: true, ...undo };
    if (rollback?.task !== undefined)
      yield { text: rollback.task, path: [...path, 'rollback', 'task'], ...undo };
  }
}

function* textsOfAudit(audit: string | AuthoredAudit, path: Path, stage: DraftStage): Generator<Text> {
  const { run, task } = typeof audit === 'string' ? { run: audit } : audit;
  const isShort = typeof audit === 'string';
  if (run !== undefined) yield { text: run, path: isShort ? path : [...path, 'run'], isCommand: true, stage };
  if (task !== undefined) yield { text: task, path: [...path, 'task'], stage };
}

/** By then every stage has ended. */
function* textsOfExport({ authored }: Draft): Generator<Text> {
  if (authored.export === undefined) return;
  const { location, run, validate } = authored.export;
  const afterwards = true;
  yield { text: location, path: ['export', 'location'], afterwards };
  if (run !== undefined) yield { text: run, path: ['export', 'run'], isCommand: true, afterwards };
  if (validate !== undefined)
    yield { text: validate, path: ['export', 'validate'], isCommand: true, afterwards };
}
