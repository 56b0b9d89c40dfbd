import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';
import { aliasFindings } from './aliases.ts';
import { areAncestors } from './ancestry.ts';
import { type AuthoredPipeline, authoredSchema } from './authored.ts';
import { conforms } from './conforms.ts';
import type { PipelineContext } from './context.ts';
import { cycleFindings, topologicalOrder } from './cycles.ts';
import type { Pipeline } from './definition.ts';
import { draft } from './draft.ts';
import { withoutExtensions } from './extensions.ts';
import type { Finding } from './finding.ts';
import { flatIssues } from './issues.ts';
import { normalForm } from './normal-form.ts';
import type { WrittenAt } from './normal-guards.ts';
import { resolveOrder } from './order.ts';
import { type BadKey, type Places, placesIn } from './places.ts';
import { lineMap, type PipelineProblem, problemAt, problemsFrom } from './problem.ts';
import { resolveNames } from './references.ts';
import { repair } from './repair.ts';
import { agentFindings } from './rules/agents.ts';
import { approvalFindings } from './rules/approvals.ts';
import { auditFindings } from './rules/audits.ts';
import { fieldFindings } from './rules/fields.ts';
import { guardFindings } from './rules/guards.ts';
import { rollbackTargets } from './rules/rollback.ts';
import { scheduleFindings, triggerFindings } from './rules/triggers.ts';
import { variableFindings } from './rules/variables.ts';
import { worded } from './wording.ts';
import { readYaml } from './yaml-text.ts';

export type { PipelineProblem } from './problem.ts';

export interface PipelineReading {
  /** There if and only if there is no error. */
  readonly pipeline?: Pipeline;
  /** All errors and warnings, in the order of the file. */
  readonly problems: readonly PipelineProblem[];
}

/**
 * Reads a pipeline's definition and says everything that is wrong with it at once, each with its place and, where one
 * is known, its correction (spec: pipelines 1 to 8, what can be known without a run). `file` stands in the problems.
 * Asynchronous because what reads schedules is loaded only when there is one. Places are looked up only when something
 * is wrong; a valid file costs one pass of the parser and one of the schema.
 */
export async function readPipeline(
  text: string,
  file: string,
  context: PipelineContext = {},
): Promise<PipelineReading> {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const yaml = readYaml(source);
  if ('message' in yaml)
    return { problems: [problemAt('error', yaml.message, yaml.hint, yaml, lineMap(source), file)] };
  if (yaml.hasExtensions) withoutExtensions(yaml.value);
  let known: Places | undefined;
  const places = (): Places => {
    known ??= placesIn(source, yaml.events);
    return known;
  };
  const { findings, pipeline } = await judge(yaml.value, context, (path) => places().writtenAt(path));
  const badKeys = yaml.hasBadKeys ? places().badKeys : [];
  if (findings.length === 0 && badKeys.length === 0) return { problems: [], ...(pipeline && { pipeline }) };
  const lines = lineMap(source);
  const problems = [
    ...badKeys.map((key) => problemAt('error', ...wordedKey(key), key.span, lines, file)),
    ...problemsFrom(findings, places(), lines, file),
  ].sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
  return { problems, ...(pipeline !== undefined && badKeys.length === 0 && { pipeline }) };
}

/** The definition, or one problem that holds all errors; for callers that have nothing to show them with. */
export async function parsePipeline(
  text: string,
  file: string,
  context: PipelineContext = {},
): Promise<Result<Pipeline>> {
  const { pipeline, problems } = await readPipeline(text, file, context);
  if (pipeline !== undefined) return ok(pipeline);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const problem: Problem = {
    code: 'SYS_MANIFEST_INVALID',
    message: errors
      .map(({ message, line }) => (errors.length > 1 ? `${message} (line ${line})` : message))
      .join('; '),
    file,
    ...(first?.line === undefined ? {} : { line: first.line }),
    ...(first?.column === undefined ? {} : { column: first.column }),
    hint:
      (errors.length === 1 ? first?.hint : undefined) ?? 'correct the file, then run the same command again',
  };
  return fail(problem);
}

interface Judged {
  readonly pipeline?: Pipeline;
  readonly findings: readonly Finding[];
}

async function judge(document: unknown, context: PipelineContext, writtenAt: WrittenAt): Promise<Judged> {
  if (conforms(document)) return checked(document, new Set(), true, context, writtenAt);
  const issues = flatIssues(authoredSchema.safeParse(document).error?.issues ?? [], document);
  const deviations = issues.flatMap((issue) => worded(issue, document));
  const rest = repair(document, issues);
  if (rest === undefined) return { findings: deviations };
  const { findings } = await checked(rest.authored, rest.broken, rest.knowsOrder, context, writtenAt);
  return { findings: [...deviations, ...findings] };
}

/** The rules that look at more than one value. */
async function checked(
  authored: AuthoredPipeline,
  broken: ReadonlySet<string>,
  knowsOrder: boolean,
  context: PipelineContext,
  writtenAt: WrittenAt,
): Promise<Judged> {
  const { draft: drafted, findings: ofNames } = draft(authored, broken);
  const { named, findings: ofReferences } = resolveNames(drafted);
  const { needs, findings: ofOrder } = resolveOrder(drafted, named);
  const findings = [
    ...ofNames,
    ...ofReferences,
    ...aliasFindings(drafted),
    ...agentFindings(drafted, context),
    ...auditFindings(drafted, context),
    ...approvalFindings(drafted, context),
    ...guardFindings(drafted),
    ...triggerFindings(drafted),
    ...(await scheduleFindings(drafted)),
  ];
  const variables = variableFindings(drafted);
  findings.push(...variables.findings);
  // Where names or dependencies could not be read, what follows from the order would only be told wrongly. An unknown
  // name takes an edge away and adds none: what waits for itself without it does so with it.
  const hasEdges = knowsOrder && ofNames.length === 0;
  const { order, stuck } = topologicalOrder(hasEdges ? needs : []);
  if (!hasEdges || ofReferences.length > 0) {
    if (hasEdges) findings.push(...ofOrder, ...cycleFindings(drafted, needs, stuck));
    const { findings: ofRollback } = rollbackTargets(drafted, undefined);
    return { findings: [...findings, ...ofRollback, ...fieldFindings(drafted, undefined)] };
  }
  const rollback = rollbackTargets(drafted, needs);
  findings.push(
    ...ofOrder,
    ...cycleFindings(drafted, needs, stuck),
    ...rollback.findings,
    ...fieldFindings(drafted, needs),
  );
  if (stuck.length === 0 && ofOrder.length === 0) {
    const claims = [...rollback.claims, ...variables.claims];
    const answers = areAncestors(claims, needs, order);
    findings.push(...claims.flatMap(({ otherwise }, index) => (answers[index] ? [] : [otherwise])));
  }
  if (findings.some(({ severity }) => severity === 'error')) return { findings };
  const resolved = { needs, rollbackTargets: rollback.targets };
  return { findings, pipeline: normalForm(drafted, resolved, context, writtenAt) };
}

function wordedKey({ key, why }: BadKey): [message: string, hint: string] {
  if (why === 'twice') return [`the key "${key}" stands twice in one map`, 'keep one of the two'];
  if (why === 'reserved') return [`a key cannot be called "${key}"`, 'choose another name'];
  return [
    'a key has to be text',
    key === '' ? 'write a name before the ":"' : `put it into quotes: "${key}"`,
  ];
}
