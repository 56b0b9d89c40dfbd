import type { PipelineProblem } from '../../../core/pipeline/problem.ts';
import { placeOf } from '../../../core/problem.ts';
import { harmless, PLAIN, type Style } from './style.ts';

/** A window of a line: longer ones are cut around what is underlined. */
const WIDTH = 110;
const BEFORE = 50;

/**
 * A problem of a pipeline's file like a compiler's: place and message, the line with what is meant underlined, and a
 * hint. Ends with a line feed. Control characters of the file are shown as their codes.
 */
export function formatPipelineProblem(problem: PipelineProblem, style: Style = PLAIN): string {
  const isError = problem.severity === 'error';
  const colour = isError ? style.red : style.yellow;
  const place = placeOf(problem);
  const head = `${place === undefined ? '' : `${style.bold(harmless(place))}: `}${colour(problem.severity)}: `;
  const hint = problem.hint === undefined ? '' : `hint: ${harmless(problem.hint)}\n`;
  return `${head}${harmless(problem.message)}\n${underlined(problem, colour)}${hint}`;
}

function underlined(problem: PipelineProblem, colour: (text: string) => string): string {
  const { source, line, column, length } = problem;
  if (source === undefined || line === undefined || column === undefined || length === undefined) return '';
  const from = column - 1;
  const start = from + Math.min(length, WIDTH) <= WIDTH ? 0 : Math.max(0, from - BEFORE);
  const shown = source.slice(start, start + WIDTH);
  const cutBefore = start > 0 ? '…' : '';
  const cutAfter = start + WIDTH < source.length ? '…' : '';
  const margin = `${line} | `;
  const before = cutBefore + printable(shown.slice(0, from - start));
  const meant = printable(shown.slice(from - start, from - start + length));
  const after = printable(shown.slice(from - start + length)) + cutAfter;
  const under = `${' '.repeat(margin.length - 2)}| ${' '.repeat(widthOf(before))}`;
  return `${margin}${before}${meant}${after}\n${under}${colour('^'.repeat(Math.max(1, widthOf(meant))))}\n`;
}

/** A tab is one column wide here, so that the marks stand under what they mean. */
function printable(text: string): string {
  return harmless(text.replaceAll('\t', ' '));
}

/** Columns of a terminal: combining marks take none, characters of East Asia and pictures two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
