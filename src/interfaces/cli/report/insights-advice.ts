import { failureKindOf } from '../../../core/insights/failure-kind.ts';
import type { Insights } from '../../../core/insights/insights.ts';
import { MINIMUMS } from '../../../core/insights/minimums.ts';
import { type Candidate, LEAST_SURE, type Proposal } from '../../../core/insights/propose.ts';
import type { Recommendation } from '../../../core/insights/recommend.ts';
import { isReasonCode, reasonOf } from '../../../core/status/reason.ts';
import { asTyped } from '../as-typed.ts';
import { formatDuration } from './duration.ts';
import { fittingTable } from './insights-table.ts';
import { countOf, groundText, type InsightsLook, paragraph, percent } from './insights-text.ts';
import { formatCount, formatMoney } from './money.ts';
import { oneLine } from './one-line.ts';
import type { Cell } from './table.ts';

const right = 'right' as const;

/** What to do about it, each with the runs that it rests on. */
export function recommendationsAsText({ recommendations }: Insights, look: InsightsLook): string {
  if (recommendations.length === 0) return '';
  const items = recommendations.map((one) =>
    [
      paragraph(asTyped(adviceText(one)), 2, look, '*'),
      paragraph(`rests on ${groundText(one, one.kind === 'use-model' ? 'case' : 'run')}`, 2, look),
    ].join(''),
  );
  return `${look.style.bold('What to do')}\n${items.join('')}`;
}

/** Which model at which stage, and why; or what is missing. An ambiguity is named where it changes the answer. */
export function proposalsAsText({ proposals }: Insights, look: InsightsLook): string {
  if (proposals.length === 0) return '';
  const shown = proposals.filter((one) => one.ambiguity === undefined || differs(one, proposals));
  const columns = [
    { title: 'STAGE' },
    { title: 'MODEL' },
    { title: 'DONE', align: right, drop: 1 },
    { title: 'SURELY', align: right },
    { title: 'COST', align: right, drop: 4 },
    { title: 'TIME', align: right, drop: 5 },
    { title: 'WHY', drop: 3 },
    { title: 'RUNNER', drop: 2 },
  ];
  const ground = shown.flatMap(({ stage, ambiguity, choice }) =>
    choice === undefined
      ? []
      : [
          `${oneLine(stage, 30)}${ambiguity === undefined ? '' : `, ${ambiguity}`}: ${groundText({ runs: choice.of, runIds: choice.runIds }, 'case')}`,
        ],
  );
  const hint =
    ground.length === 0 ? '' : asTyped('hint: murmur8 implement-feature <slug> --model auto uses these');
  return [
    `${look.style.bold('Which model at which stage')}\n`,
    fittingTable(columns, shown.map(proposalRow), look),
    ...ground.map((line) => paragraph(line, 0, look)),
    hint === '' ? '' : paragraph(hint, 0, look),
  ].join('');
}

function differs({ stage, choice }: Proposal, proposals: readonly Proposal[]): boolean {
  const usual = proposals.find((one) => one.stage === stage && one.ambiguity === undefined)?.choice;
  return usual?.runner !== choice?.runner || usual?.model !== choice?.model;
}

function proposalRow({ stage, ambiguity, choice, candidates, reason, mostCases }: Proposal): Cell[] {
  const known = choice ?? candidates[0];
  return [
    ambiguity === undefined ? oneLine(stage, 40) : `  ${ambiguity}`,
    choice === undefined ? REASONS[reason] : oneLine(choice.model, 60),
    known === undefined
      ? `${formatCount(mostCases)} of ${MINIMUMS.proposal}`
      : `${known.successes}/${known.of}`,
    known === undefined ? '-' : surely(known.low),
    known === undefined ? '-' : formatMoney(known.medianCostMicroUsd),
    known === undefined ? '-' : formatDuration(known.medianMs),
    choice === undefined ? (known === undefined ? '' : `best: ${oneLine(known.model, 40)}`) : SHORT[reason],
    known === undefined ? '-' : oneLine(known.runner, 30),
  ];
}

/** `claude opus, 31/33 succeeded, surely 80% or more, $0.40, 2m 10s; the surest`. */
export function proposalText({ choice, reason, mostCases, candidates }: Proposal): string {
  if (choice !== undefined) return `${candidateText(choice)}; ${REASONS[reason]}`;
  if (reason === 'not-enough-data')
    return `not enough data: ${formatCount(mostCases)} of ${MINIMUMS.proposal} cases of one model`;
  const best = candidates[0];
  const known = best === undefined ? '' : `: the best is ${candidateText(best)}`;
  return `no model is sure to succeed in ${percent(LEAST_SURE)} or more${known}`;
}

/** The lower end of a 95% interval, never rounded up. */
function surely(low: number): string {
  return `${Math.floor(low * 100)}%`;
}

const REASONS: Readonly<Record<Proposal['reason'], string>> = {
  'the-only-one': 'the only one with enough cases',
  surest: 'the surest',
  'as-sure-and-cheaper': 'as sure as the best, and cheaper',
  'as-sure-and-faster': 'as sure as the best, and faster',
  'not-enough-data': 'not enough data',
  'not-sure-enough': 'none is sure',
};

const SHORT: Readonly<Record<Proposal['reason'], string>> = {
  'the-only-one': 'only one known',
  surest: 'the surest',
  'as-sure-and-cheaper': 'as sure, cheaper',
  'as-sure-and-faster': 'as sure, faster',
  'not-enough-data': '',
  'not-sure-enough': '',
};

function candidateText(one: Candidate): string {
  const { runner, model, successes, of, low, medianCostMicroUsd: cost, medianMs } = one;
  return [
    `${oneLine(runner, 30)} ${oneLine(model, 60)}`,
    `${successes}/${of} succeeded`,
    `surely ${surely(low)} or more`,
    cost === undefined ? 'cost unknown' : formatMoney(cost),
    ...(medianMs === undefined ? [] : [formatDuration(medianMs)]),
  ].join(', ');
}

function adviceText(one: Recommendation): string {
  switch (one.kind) {
    case 'failure-pattern':
      return `${oneLine(one.stage ?? 'outside of a stage')}: ${formatCount(one.runs)} of ${countOf(one.of, 'failure')} ${one.runs === 1 ? 'is' : 'are'} ${oneLine(one.reasonCode)}${meaningOf(one.reasonCode)}. ${cureOf(one.reasonCode)}`;
    case 'got-worse':
      return `${WORSE[one.measure] ?? one.measure} than before: look at what changed since the window began.`;
    case 'retried-stage':
      return `${oneLine(one.stage)} needed another attempt in ${formatCount(one.retried)} of ${countOf(one.of, 'execution')}: its role in .blueprint/agents or what it is given is worth a look.`;
    case 'uneven-stage':
      return `${oneLine(one.stage)} takes most of the time, usually ${formatDuration(one.medianMs)}, but ${formatDuration(one.p90Ms)} in one run of ten: see what the slow ones have in common, or cap it with --stage-timeout.`;
    case 'ratings-foretell':
      return `low ratings of ${oneLine(one.stage)} are followed by failure: keep the gate, or raise it with murmur8 feedback-config.`;
    case 'ratings-mislead':
      return `runs succeed more often after low ratings of ${oneLine(one.stage)} than after high ones: lower the gate with murmur8 feedback-config, or ask for other criteria in the role that rates.`;
    case 'use-model':
      return `${oneLine(one.stage)}: try --model ${oneLine(one.model, 60)} with --runner ${oneLine(one.runner, 30)}; it succeeds in surely ${surely(one.low)} or more, and is not what most runs used.`;
    default:
      return one satisfies never;
  }
}

const WORSE: Readonly<Record<string, string>> = {
  'success-rate': 'fewer runs succeed',
  'retry-rate': 'more executions need another attempt',
  duration: 'runs take longer',
  cost: 'runs cost more',
};

function meaningOf(code: string): string {
  return isReasonCode(code) ? ` (${reasonOf(code).message})` : '';
}

function cureOf(code: string): string {
  if (failureKindOf(code) === 'environment')
    return 'It is the world around the run and not the agent: murmur8 validate tells what is missing before a run begins.';
  return CURES[code] ?? 'The runs named here say more: murmur8 history show <run>.';
}

const CURES: Readonly<Record<string, string>> = {
  STAGE_TIMEOUT: 'Give it more time with --stage-timeout, or less to do.',
  TESTS_FAILED: 'A stronger model for this stage, or smaller plan steps, are the first to try.',
  OUTPUT_INVALID: 'Its role in .blueprint/agents may have to say more clearly what it must leave.',
  CONTEXT_OVERFLOW: 'Smaller features, or a model with a larger context.',
  TURN_LIMIT: 'Raise max_turns in the role, or make the steps smaller.',
  AGENT_REFUSED: 'The brief may ask for something that the model will not do.',
};
