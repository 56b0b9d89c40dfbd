import { railsOf } from '../../../../core/graph/rails.ts';
import type { Pipeline, Stage } from '../../../../core/pipeline/definition.ts';
import { exportDefinition, limitsRecord } from '../../../../core/record/definition.ts';
import { oneLine } from '../one-line.ts';
import { PLAIN, type Style } from '../style.ts';
import { displayWidth } from '../table.ts';
import { type Characters, UNICODE } from './characters.ts';
import { listRows } from './list-rows.ts';
import { railRows } from './rail-rows.ts';
import type { GraphRow } from './row.ts';
import {
  detailsOf,
  exportAsText,
  limitsAsText,
  namesAsText,
  triggersAsText,
  workAsText,
} from './stage-text.ts';
import { cut, wrapped } from './wrap.ts';

export interface GraphLook {
  /** Columns of the terminal, or of whatever is written to. */
  readonly width: number;
  readonly style: Style;
  /** How the stages of a run stand, by name. */
  readonly states?: ReadonlyMap<string, StageLook>;
  readonly characters?: Characters;
}

export interface StageLook {
  /** A word of the wire, such as `waiting_approval`. */
  readonly status: string;
  /** Such as a duration, or why it was skipped. */
  readonly note?: string;
}

const LEAST_WIDTH = 40;
const MOST_NAME = 32;
/** From here on, siblings with nothing to tell but their names are told as a number. */
const MANY_STAGES = 24;

/**
 * A pipeline for people: rails from top to bottom with a line per stage; one that takes too many rails is listed in
 * numbered steps. Work in proportion to stages and edges. Every line ends with a line feed.
 */
export function graphAsText(pipeline: Pipeline, look: GraphLook = { width: 80, style: PLAIN }): string {
  const drawn = { ...look, width: Math.max(look.width, LEAST_WIDTH), characters: look.characters ?? UNICODE };
  const { stages } = pipeline;
  const rails = railsOf(stages, mostLanes(drawn.width));
  const brief = stages.length > MANY_STAGES && look.states === undefined;
  const rows =
    rails === undefined
      ? listRows(stages, drawn.characters, brief)
      : railRows(rails, drawn.characters, brief);
  const longest = rows.reduce((most, { stage }) => Math.max(most, stage?.name.length ?? 0), 0);
  const nameWidth = Math.min(longest, MOST_NAME, Math.floor(drawn.width / 2.5));
  const lines = rows.flatMap((row) =>
    row.stage === undefined ? [otherLine(row, drawn)] : stageLines(row, row.stage, { ...drawn, nameWidth }),
  );
  return `${[...headOf(pipeline, drawn), '', ...lines, ...legendOf(stages, drawn)].join('\n')}\n`;
}

type Drawn = GraphLook & { readonly characters: Characters };

/** Five rails on 60 columns, seven on 80, ten at most. */
function mostLanes(width: number): number {
  return Math.min(10, Math.max(3, Math.floor(width / 10) - 1));
}

function headOf(pipeline: Pipeline, { width, style, characters }: Drawn): string[] {
  const count = pipeline.stages.length;
  const size = count === 1 ? '1 stage' : `${count} stages, at most ${pipeline.maxParallel} at a time`;
  const stops = limitsAsText(limitsRecord(pipeline.limits));
  const { export: exported } = pipeline;
  const lines = [
    ...(pipeline.description === '' ? [] : [oneLine(pipeline.description, 400)]),
    ...triggersAsText(pipeline.triggers ?? []).map((trigger) => `starts ${oneLine(trigger, 400)}`),
  ];
  const whole = [
    ...(stops === '' ? [] : [`stops at ${stops}`]),
    ...(exported === undefined
      ? []
      : [`exports ${exportAsText(exportDefinition(exported, (text) => text))}`]),
  ];
  return [
    `${style.bold(oneLine(pipeline.name))}: ${size}`,
    ...lines.map((line) => cut(line, width, characters.ellipsis)),
    ...whole.flatMap((line) =>
      wrapped(line, width - 2).map((piece, index) => `${index === 0 ? '' : '  '}${piece}`),
    ),
  ];
}

/** A row without a stage of its own: lines that join, or siblings told as a number. */
function otherLine({ before, after, more }: GraphRow, { style, width, characters }: Drawn): string {
  if (more === undefined) return style.dim(before.trimEnd());
  const works = new Set(more.map((stage) => workAsText(stage.work)));
  const [work] = works.size === 1 ? works : [];
  const text = `${more.length} more: ${namesAsText(edges(more), 3)}${work === undefined ? '' : `  ${work}`}`;
  const glyph = characters.ellipsis.slice(0, 1);
  const room = width - displayWidth(before) - 1 - displayWidth(after);
  return `${style.dim(before)}${glyph}${style.dim(after)}${cut(text, room, characters.ellipsis)}`;
}

function edges(stages: readonly Stage[]): string[] {
  const [first, last] = [stages[0], stages.at(-1)];
  return [`${first?.name ?? ''} to ${last?.name ?? ''}`];
}

function stageLines(row: GraphRow, stage: Stage, look: Drawn & { readonly nameWidth: number }): string[] {
  const { style, width, characters } = look;
  const state = look.states?.get(stage.name);
  const paint = paintFor(state, style);
  const room = width - displayWidth(row.below);
  const name = cut(stage.name, room, characters.ellipsis).padEnd(look.nameWidth);
  const status = state === undefined ? [] : [statusText(state)];
  const work = [workAsText(stage.work), ...(stage.environment === undefined ? [] : [stage.environment])]
    .map((part) => oneLine(part, 200))
    .join(` ${characters.dot} `);
  const space = room - displayWidth(name) - 2;
  const about = cut([...status, work].join('  '), space, characters.ellipsis);
  const glyph = paint(glyphFor(stage, state, characters));
  const needs = row.needs === undefined ? '' : `  ${row.needs}`;
  const fits = displayWidth(about + needs) <= space;
  const details = [...(fits || row.needs === undefined ? [] : [row.needs]), ...detailsOf(stage)];
  return [
    `${style.dim(row.before)}${glyph}${style.dim(row.after)}${style.bold(name)}  ${state === undefined ? about : paint(about)}${fits ? style.dim(needs) : ''}`.trimEnd(),
    ...details.flatMap((detail) =>
      wrapped(detail, room - 4).map(
        (line, index) => `${style.dim(row.below)}${index === 0 ? '  ' : '    '}${style.dim(line)}`,
      ),
    ),
  ];
}

function statusText({ status, note }: StageLook): string {
  const word = status.replaceAll('_', ' ');
  return note === undefined || note === '' ? word : `${word}, ${oneLine(note, 200)}`;
}

function glyphFor(stage: Stage, state: StageLook | undefined, characters: Characters): string {
  if (state !== undefined) return characters.states[state.status] ?? characters.stage;
  if (stage.approval !== undefined) return characters.gate;
  return stage.when === undefined ? characters.stage : characters.conditional;
}

function paintFor(state: StageLook | undefined, style: Style): (text: string) => string {
  switch (state?.status) {
    case undefined:
      return (text) => text;
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

/** What glyphs mean that are not plain by themselves. */
function legendOf(stages: readonly Stage[], { characters, states, style }: Drawn): string[] {
  if (states !== undefined) return [];
  const parts = [
    ...(stages.some((stage) => stage.approval !== undefined)
      ? [`${characters.gate} waits for an approval`]
      : []),
    ...(stages.some((stage) => stage.approval === undefined && stage.when !== undefined)
      ? [`${characters.conditional} runs under a condition`]
      : []),
  ];
  return parts.length === 0 ? [] : ['', style.dim(parts.join('   '))];
}
