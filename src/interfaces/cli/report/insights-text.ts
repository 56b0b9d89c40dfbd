import type { Ground } from '../../../core/insights/ground.ts';
import type { Rate } from '../../../core/insights/rate.ts';
import { type Characters, charactersFor, UNICODE } from './graph/characters.ts';
import { cut as cutTo, wrapped } from './graph/wrap.ts';
import { formatCount } from './money.ts';
import { oneLine } from './one-line.ts';
import { harmless, type Style, wantsColour } from './style.ts';

/** How insights are laid out. */
export interface InsightsLook {
  readonly style: Style;
  /** Columns; what does not fit is cut or wrapped. */
  readonly width: number;
  /** Charts of block characters; else plain ones. */
  readonly blocks: boolean;
}

const NARROWEST = 40;
const PIPE = 100;
const LONGEST = 200;
const SHORT_ID = 8;
export const TOO_FEW = 'not enough data';

/** Never narrower than 40 columns. Into a pipe, and without colour, charts are plain ASCII. */
export function insightsLook(stream: NodeJS.WriteStream, style: Style): InsightsLook {
  const characters: Characters = charactersFor(process.env);
  return {
    style,
    width: Math.max(NARROWEST, stream.isTTY === true ? stream.columns : PIPE),
    blocks: stream.isTTY === true && wantsColour(process.env, true) && characters === UNICODE,
  };
}

/** `81% (73 to 87)`: rate and interval; or that there is not enough. */
export function rateText({ enough, rate, low, high }: Rate): string {
  if (!enough || rate === undefined || low === undefined || high === undefined) return TOO_FEW;
  return `${percent(rate)} (${whole(low)} to ${whole(high)})`;
}

/** `96/118`. */
export function casesText({ successes, of }: Rate): string {
  return `${formatCount(successes)}/${formatCount(of)}`;
}

export function percent(share: number): string {
  return `${whole(share)}%`;
}

export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** `12 runs: 16dc368a, 4f2b…`: what a finding rests on, the newest first. */
export function groundText({ runs, runIds }: Ground, noun = 'run'): string {
  const ids = runIds.map((id) => harmless(id.slice(0, SHORT_ID)));
  if (ids.length === 0) return countOf(runs, noun);
  return `${countOf(runs, noun)}: ${ids.join(', ')}${ids.length < runs ? ',...' : ''}`;
}

export function shortId(id: string): string {
  return harmless(id.slice(0, SHORT_ID));
}

/** `2026-02-24` of an ISO instant. */
export function dayOf(iso: string | undefined): string {
  return iso === undefined ? '-' : oneLine(iso.slice(0, 10), 10);
}

/** A name from a file, in one line, cut to so many columns. */
export function cut(name: string, width: number): string {
  return cutTo(oneLine(name, LONGEST), width);
}

/** A paragraph of plain text, indented, within the width. */
export function paragraph(text: string, indent: number, { width }: InsightsLook, first = ''): string {
  const lines = wrapped(text, width - indent);
  return lines.map((line, index) => `${(index === 0 ? first : '').padEnd(indent)}${line}\n`).join('');
}

function whole(share: number): string {
  return String(Math.round(share * 100));
}
