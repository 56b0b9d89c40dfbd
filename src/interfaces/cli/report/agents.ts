import type { ListedRunner, RunnerListing } from '../../../compose/agents/list.ts';
import { testedRange } from '../../../core/agent/tested-version.ts';
import type { AgentsDocument } from '../../contract/agents.ts';
import { asTyped } from '../as-typed.ts';
import type { ReportLook } from './approval.ts';
import { cut, wrapped } from './graph/wrap.ts';
import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';
import { type Cell, formatTable } from './table.ts';

const COLUMNS = ['RUNNER', 'STATE', 'VERSION', 'LOGIN', 'COST'].map((title) => ({ title }));
/** With the widths of the other columns they fit into sixty. */
const NAME_WIDTH = 12;
const VERSION_WIDTH = 15;
const LABEL_WIDTH = 9;

const STATES = {
  ready: ['ready', 'green'],
  'no-login': ['no login', 'yellow'],
  missing: ['not found', 'dim'],
  broken: ['broken', 'red'],
  unknown: ['unknown', 'red'],
} as const satisfies Record<ListedRunner['state'], readonly [string, keyof Style]>;

/** `agents list`: a row for each runner, and below it what does not fit into one. */
export function agentsAsText(listing: RunnerListing, look: ReportLook): string {
  const { style, width } = look;
  const [head = '', ...rows] = formatTable(
    COLUMNS,
    listing.runners.map((one) => rowOf(one, style)),
    style,
  ).split('\n');
  const blocks = listing.runners.flatMap((one, index) => [
    rows[index] ?? '',
    ...detailsOf(one).flatMap(([label, text, mark]) =>
      wrapped(oneLine(asTyped(text), 1000), Math.max(20, width - LABEL_WIDTH - 2)).map((line, nth) => {
        const name = (nth === 0 ? label : '').padEnd(LABEL_WIDTH);
        return `  ${style.dim(name)}${mark === undefined ? line : style[mark](line)}`;
      }),
    ),
  ]);
  const ready = listing.runners.filter(({ state }) => state === 'ready').length;
  const foot = [
    `${ready} of ${listing.runners.length} runners ${ready === 1 ? 'is' : 'are'} ready; murmur8 agents test <runner> lets one do a tiny real job`,
    ...(listing.project === undefined ? ['there is no project here, so no stages are shown'] : []),
  ].flatMap((line) => wrapped(asTyped(line), width));
  return `${[head, ...blocks, '', ...foot].join('\n')}\n`;
}

/** `agents list --json`. */
export function agentsDocument(listing: RunnerListing): AgentsDocument {
  return {
    project: listing.project ?? null,
    runners: listing.runners.map((one) => ({
      runner: one.runner,
      state: one.state,
      program: one.program ?? null,
      version: one.version ?? null,
      version_state: one.versionAge ?? null,
      tested: one.tested ?? null,
      login: one.login ?? null,
      reports_cost: one.reportsCost,
      stages: one.uses.map(({ choice, ...use }) => ({ ...use, choice: choice + 1 })),
      message: one.message ?? null,
      hint: one.hint ?? null,
    })),
    problems: listing.problems.map(({ stack: _stack, ...problem }) => problem),
  };
}

function rowOf({ runner, state, version, login, reportsCost }: ListedRunner, style: Style): Cell[] {
  const [word, paint] = STATES[state];
  return [
    { text: cut(oneLine(runner), NAME_WIDTH), paint: style.bold },
    { text: word, paint: style[paint] },
    cut(version ?? '-', VERSION_WIDTH),
    login ?? '-',
    reportsCost ? 'told' : 'not told',
  ];
}

type Detail = readonly [label: string, text: string, mark?: keyof Style];

function detailsOf(one: ListedRunner): readonly Detail[] {
  const { runner, state, program, tested, versionAge, message, hint } = one;
  const details: Detail[] = [];
  if (runner.length > NAME_WIDTH) details.push(['runner', runner]);
  if (program !== undefined) details.push(['program', program]);
  if (tested !== undefined && versionAge !== undefined)
    details.push([
      'tested',
      versionAge === 'ok' ? testedRange(tested) : `${testedRange(tested)}; this one is ${versionAge}`,
      versionAge === 'ok' ? undefined : 'yellow',
    ] as Detail);
  // That a program is not found says the state, unless only the message knows which one.
  if (message !== undefined && (state !== 'missing' || runner.includes(':'))) details.push(['why', message]);
  if (hint !== undefined) details.push(['hint', hint]);
  return [...details, ...stagesOf(one).map((text, index): Detail => [index === 0 ? 'stages' : '', text])];
}

/** `implement-feature: alex, cass (2nd choice)`, a line for each pipeline. */
function stagesOf({ uses }: ListedRunner): readonly string[] {
  const byPipeline = new Map<string, string[]>();
  for (const { pipeline, stage, part, choice } of uses) {
    const notes = [...(part === 'work' ? [] : [part]), ...(choice === 0 ? [] : [`choice ${choice + 1}`])];
    const stages = byPipeline.get(pipeline) ?? [];
    stages.push(notes.length === 0 ? stage : `${stage} (${notes.join(', ')})`);
    byPipeline.set(pipeline, stages);
  }
  return [...byPipeline].map(([pipeline, stages]) => `${pipeline}: ${stages.join(', ')}`);
}
