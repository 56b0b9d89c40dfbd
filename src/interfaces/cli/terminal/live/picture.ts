import { railsOf } from '../../../../core/graph/rails.ts';
import type { Pipeline } from '../../../../core/pipeline/definition.ts';
import type { RunState } from '../../../../core/run/state.ts';
import { formatDuration } from '../../report/duration.ts';
import type { Characters } from '../../report/graph/characters.ts';
import { railRows } from '../../report/graph/rail-rows.ts';
import { cut } from '../../report/graph/wrap.ts';
import { oneLine } from '../../report/one-line.ts';
import type { Style } from '../../report/style.ts';
import { displayWidth } from '../../report/table.ts';
import { type Lately, mostInteresting } from './choice.ts';
import { type Activities, exportDetails, isExporting, stageDetails, stepDetails } from './stage-line.ts';

/** What a drawing of a pipeline needs that stays the same while it runs. */
export interface Plan {
  readonly rows: readonly PlanRow[];
  readonly places: ReadonlyMap<string, number>;
}

interface PlanRow {
  readonly before: string;
  readonly after: string;
  /** Absent in rows that only join rails. */
  readonly name?: string;
}

export interface Scene {
  readonly state: RunState;
  readonly plan: Plan;
  readonly lately: Lately;
  readonly activities: Activities;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the terminal. */
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
  readonly characters: Characters;
}

/** Above this a run never fits a terminal, and rails are not worth the work. */
const MOST_RAILED = 100;
const MOST_LANES = 6;
const MOST_NAME = 28;
const LEAST_NAME = 16;
/** On a narrow terminal what is done needs the room more than names do. */
const LEAST_NARROW_NAME = 8;
const NARROW = 80;
const SHOWN_STEPS = 8;

export function planOf(pipeline: Pipeline, characters: Characters): Plan {
  const { stages } = pipeline;
  const places = new Map(stages.map((stage, index) => [stage.name, index]));
  const rails = stages.length > MOST_RAILED ? undefined : railsOf(stages, MOST_LANES);
  const rows =
    rails === undefined
      ? stages.map((stage) => ({ before: '', after: ' ', name: stage.name }))
      : railRows(rails, characters, false).map(({ before, after, stage }) => ({
          before,
          after,
          ...(stage === undefined ? {} : { name: stage.name }),
        }));
  return { rows, places };
}

/**
 * A run as lines for a terminal: its stages on their rails where all of them fit, else those that matter most and the
 * others as numbers. At most `rows - 1` lines, none as wide as the terminal. Work in proportion to the lines drawn.
 */
export function pictureOf(scene: Scene): string[] {
  const { state, plan } = scene;
  const undoing = rollbackLines(scene);
  const isFeature = state.created.feature !== undefined;
  const gives = state.pipeline.export !== undefined;
  const room = Math.max(3, scene.rows - 2 - undoing.length - (isFeature ? 0 : 1) - (gives ? 1 : 0));
  const fits = plan.rows.length <= room;
  const rows = fits ? plan.rows : chosenRows(scene, room - (isFeature ? 1 : 0));
  const width = nameWidth(rows, scene.columns);
  const lines = rows.map((row) => rowLine(row, width, scene));
  const exported = gives ? [exportLine(rows, width, scene)] : [];
  return [
    ...lines,
    ...exported,
    ...undoing,
    ...(isFeature && fits ? [] : [summaryLine(scene, fits ? undefined : rows)]),
  ];
}

function chosenRows({ state, lately, plan }: Scene, room: number): PlanRow[] {
  return mostInteresting(state, lately, room, plan.places).map((name) => ({ before: '', after: ' ', name }));
}

function nameWidth(rows: readonly PlanRow[], columns: number): number {
  const least = columns < NARROW ? LEAST_NARROW_NAME : LEAST_NAME;
  const longest = rows.reduce((most, { name }) => Math.max(most, name?.length ?? 0), least);
  return Math.min(longest, MOST_NAME, Math.floor(columns / 2.5));
}

function rowLine({ before, after, name }: PlanRow, width: number, scene: Scene): string {
  const { state, style, characters } = scene;
  const stage = name === undefined ? undefined : state.stages.get(name);
  if (stage === undefined) return style.dim(cut(before, scene.columns - 1, characters.ellipsis));
  const status = stage.undoneBy === undefined ? stage.status : 'undone';
  const details = stageDetails(stage, state, scene.activities, scene.now);
  return workLine({ before, after, status, text: textOf(stage.name, width, details) }, scene);
}

/** What is made after the last stage stands below the stages, where nothing of their rails is left. */
function exportLine(rows: readonly PlanRow[], width: number, scene: Scene): string {
  const [row = { before: '', after: ' ' }] = rows;
  const after = ' '.repeat(displayWidth(row.before) + displayWidth(row.after));
  const text = textOf('export', width, exportDetails(scene.state, scene.now));
  return workLine({ before: '', after, status: exportStatus(scene.state), text }, scene);
}

function exportStatus(state: RunState): string {
  if (state.closed !== undefined) return state.closed.outcome === 'exported' ? 'succeeded' : 'failed';
  return isExporting(state) ? 'running' : 'pending';
}

function workLine(
  line: { readonly before: string; readonly after: string; readonly status: string; readonly text: string },
  { style, characters, columns }: Scene,
): string {
  const { before, after, status, text } = line;
  const room = columns - 1 - displayWidth(before) - 1 - displayWidth(after);
  const paint = paintOf(status, style);
  const glyph = characters.states[status] ?? characters.stage;
  return `${style.dim(before)}${paint(glyph)}${style.dim(after)}${paint(cut(text, room, characters.ellipsis))}`;
}

function textOf(name: string, width: number, details: readonly string[]): string {
  return `${name.padEnd(width)}  ${details.map((detail) => oneLine(detail, 400)).join('  ')}`.trimEnd();
}

/** The latest rollback: what it goes back to, and its steps; of many those around the one at work. */
function rollbackLines(scene: Scene): string[] {
  const { state, style, characters, columns, now } = scene;
  const rollback = state.rollbacks.at(-1);
  if (rollback === undefined) return [];
  const at = Math.max(
    0,
    rollback.steps.findIndex((step) => step.status === 'running'),
  );
  const first = Math.max(0, Math.min(at - 1, rollback.steps.length - SHOWN_STEPS));
  const steps = rollback.steps.slice(first, first + SHOWN_STEPS);
  const width = nameWidth(
    steps.map((step) => ({ before: '', after: '', name: step.stage })),
    columns,
  );
  const status = rollback.status === 'running' ? '' : `, ${rollback.status}`;
  const hidden = rollback.steps.length - steps.length;
  const more = hidden > 0 ? `, ${hidden} more steps` : '';
  const head = `${characters.states['undone']} rollback to ${rollback.target}${status}${more}`;
  return [
    paintOf(rollback.status, style)(cut(head, columns - 1, characters.ellipsis)),
    ...steps.map((step) => {
      const details = stepDetails(step, scene.activities(step.stage), now);
      const line = `  ${characters.states[step.status]} ${textOf(step.stage, width, details)}`;
      return paintOf(step.status, style)(cut(line, columns - 1, characters.ellipsis));
    }),
  ];
}

/** `3 of 20 ended, 2 running, 1 waiting for approval, 14 pending, 4.2s`; with the rows shown, how many more there are. */
function summaryLine(
  { state, lately, style, characters, columns, now }: Scene,
  shown?: readonly PlanRow[],
): string {
  const total = state.stages.size;
  const running = state.active.size;
  const waiting = state.gated.size;
  const done = total - state.unfinished;
  const pending = Math.max(0, state.unfinished - running - waiting);
  const lost = state.metrics.failed + state.metrics.rejected;
  const parts = [
    `${done} of ${total} ended`,
    ...(lately.failed.length > 0 ? [`${lately.failed.length} failed`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(waiting > 0 ? [`${waiting} waiting for approval`] : []),
    ...(pending > 0 ? [`${pending} pending`] : []),
    ...(lost > 0 && state.metrics.totalFrames > total
      ? [`${lost} of ${state.metrics.totalFrames} frames failed`]
      : []),
    formatDuration(
      Math.max(
        0,
        (state.endedAt === undefined ? now : Date.parse(state.endedAt)) - Date.parse(state.segmentStartedAt),
      ),
    ),
  ];
  const hidden = shown === undefined ? '' : `${characters.ellipsis} ${total - shown.length} more; `;
  return style.dim(cut(`${hidden}${parts.join(', ')}`, columns - 1, characters.ellipsis));
}

function paintOf(status: string, style: Style): (text: string) => string {
  switch (status) {
    case 'succeeded':
      return style.green;
    case 'failed':
    case 'cancelled':
      return style.red;
    case 'running':
    case 'waiting_approval':
      return style.yellow;
    default:
      return style.dim;
  }
}
