import { globsInWords } from '../../../../core/glob/words.ts';
import type { ApprovalRule, Job, Stage, Trigger } from '../../../../core/pipeline/definition.ts';
import { stageFramesRecord } from '../../../../core/record/definition.ts';
import type { ExportDocument, LimitsDocument, StageSummaryDocument } from '../../../contract/pipeline.ts';
import { formatDuration } from '../duration.ts';
import { oneLine } from '../one-line.ts';
import { conditionAsText } from './condition-text.ts';

const SHOWN_NAMES = 6;

/** Who does the work, in a few words: an agent's name, or `$` and a command line. */
export function workAsText(work: Job): string {
  return work.kind === 'agent' ? oneLine(work.agent, 60) : `$ ${oneLine(work.run, 200)}`;
}

/** What beside its work there is to know of a stage, one clause each: when it runs, who has to agree, its frames, what a failure does. */
export function detailsOf(stage: Stage): string[] {
  return [
    ...(stage.when === undefined ? [] : [`when ${oneLine(conditionAsText(stage.when), 300)}`]),
    ...(stage.approval === undefined ? [] : [approvalAsText(stage.approval)]),
    ...framesAsText(stageFramesRecord(stage, (text) => text)),
    ...failureAsText(stage),
    ...(stage.rollback === undefined ? [] : [`undone by ${workAsText(stage.rollback.work)}`]),
  ];
}

/** `approval by team-lead and devops, within 24h, else rejected`. */
export function approvalAsText(rule: ApprovalRule): string {
  const { approvers, quorum } = rule;
  const people = approvers.length === 0 ? 'whoever the configuration names' : whoAgrees(approvers, quorum);
  const time = `within ${formatLimit(rule.timeoutMs)}, else ${rule.onTimeout === 'approve' ? 'approved' : 'rejected'}`;
  return `approval by ${people}, ${time}${rule.preventSelfApproval ? ', not by whoever started the run' : ''}`;
}

/** Names in one line, the rest as a number. */
export function namesAsText(names: readonly string[], most = SHOWN_NAMES): string {
  const shown = names.slice(0, most).map((name) => oneLine(name, 80));
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}

/** `24h`, `1h30m`, `90s`: a limit as it is written in a pipeline. */
export function formatLimit(ms: number): string {
  if (ms < 1000 || ms % 1000 !== 0) return formatDuration(ms);
  let seconds = ms / 1000;
  const parts: string[] = [];
  for (const [unit, size] of [
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const amount = Math.floor(seconds / size);
    if (amount > 0) parts.push(`${amount}${unit}`);
    seconds -= amount * size;
  }
  return parts.join('');
}

/** What starts the pipeline, one clause per trigger: `on push to branch main touching docs/**`. */
export function triggersAsText(triggers: readonly Trigger[]): string[] {
  return triggers.map((trigger) =>
    [
      ...(trigger.schedule === undefined || trigger.event !== undefined
        ? [`on ${trigger.event?.join(' or ') ?? 'any event'}`]
        : []),
      ...(trigger.branches === undefined ? [] : [`to branch ${globsInWords(trigger.branches)}`]),
      ...(trigger.paths === undefined ? [] : [`touching ${globsInWords(trigger.paths)}`]),
      ...(trigger.labels === undefined ? [] : [`with label ${globsInWords(trigger.labels)}`]),
      ...(trigger.schedule === undefined
        ? []
        : [`at cron ${trigger.schedule.cron} (${trigger.schedule.timezone})`]),
    ].join(' '),
  );
}

function whoAgrees(approvers: readonly string[], quorum: ApprovalRule['quorum']): string {
  const names = namesAsText(approvers);
  if (approvers.length === 1) return names;
  if (quorum === 'all' || quorum === approvers.length) return `all of ${names}`;
  if (quorum === 'any' || quorum === 1) return `any of ${names}`;
  return `${quorum} of ${names}`;
}

type StageFrames = Pick<
  StageSummaryDocument,
  'foreach' | 'max_parallel' | 'audit' | 'strategies' | 'limits' | 'dependency'
>;

/** What frames a stage has, who checks them, how they are tried again, and when they are too bad: one clause each. */
export function framesAsText({
  foreach,
  max_parallel,
  audit,
  strategies,
  limits,
  dependency,
}: StageFrames): string[] {
  const stops = limitsAsText(limits);
  return [
    ...(foreach === null
      ? []
      : [`for each of ${itemsAsText(foreach)}${max_parallel > 1 ? `, ${max_parallel} at a time` : ''}`]),
    ...(audit === null
      ? []
      : [`audited by ${audit.agent_id ?? `$ ${oneLine(audit.work ?? '', 200)}`}`].map((line) =>
          oneLine(line, 210),
        )),
    ...(strategies.length === 0
      ? []
      : [`tried again with ${strategies.map(({ name }) => oneLine(name, 60)).join(', then ')}`]),
    ...(stops === '' ? [] : [`stops at ${stops}`]),
    ...(dependency === null ? [] : [`depends on ${oneLine(dependency, 60)}`]),
  ];
}

/** `retry_rate 0.5, max_attempts 18`: stop conditions by their names in a pipeline; empty without any. */
export function limitsAsText(limits: LimitsDocument): string {
  return Object.entries(limits)
    .map(([name, value]) =>
      name.endsWith('_ms') ? `${name.slice(0, -3)} ${formatLimit(value)}` : `${name} ${value}`,
    )
    .join(', ');
}

/** `runs/r/export/, made by $ ./pack, with a.png, b.json, checked by $ ./validate`. */
export function exportAsText({ location, run, files, validate }: ExportDocument): string {
  return [
    oneLine(location, 200),
    ...(run === null ? [] : [`made by $ ${oneLine(run, 200)}`]),
    ...(files.length === 0 ? [] : [`with ${namesAsText(files)}`]),
    ...(validate === null ? [] : [`checked by $ ${oneLine(validate, 200)}`]),
  ].join(', ');
}

function itemsAsText(items: string | readonly string[]): string {
  return typeof items === 'string' ? oneLine(items, 80) : namesAsText(items);
}

function failureAsText({ onFailure, rollbackTo, name }: Stage): string[] {
  if (onFailure === 'halt') return [];
  if (onFailure === 'continue') return ['on failure the run continues'];
  return [
    `on failure rolls back ${rollbackTo === undefined || rollbackTo === name ? 'itself' : `to ${rollbackTo}`}`,
  ];
}
