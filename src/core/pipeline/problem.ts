import type { Problem } from '../problem.ts';
import type { Finding } from './finding.ts';
import type { Places, Span } from './places.ts';

/** Something wrong in a pipeline's file, with its place. */
export interface PipelineProblem extends Problem {
  readonly severity: 'error' | 'warning';
  /** Characters to be underlined, from the column on. */
  readonly length?: number;
  /** The line of the file. */
  readonly source?: string;
}

/** Turns places in a text into lines and columns, both from one. */
export interface LineMap {
  readonly text: string;
  /** Offsets at which lines begin. */
  readonly starts: readonly number[];
}

export function lineMap(text: string): LineMap {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return { text, starts };
}

/** Findings in the order of the file. */
export function problemsFrom(
  findings: readonly Finding[],
  places: Places,
  lines: LineMap,
  file: string,
): PipelineProblem[] {
  const placed = findings.map((finding) => ({ finding, span: places.spanOf(finding) }));
  placed.sort((one, other) => one.span.offset - other.span.offset);
  return placed.map(({ finding, span }) => {
    const { other } = finding;
    const where = other && positionOf(places.spanOf({ path: other.path, part: 'value' }), lines);
    const more = where && other ? `${other.says} line ${where.line}` : undefined;
    const hint = [finding.hint, more].filter((part) => part !== undefined).join('; ');
    return problemAt(finding.severity, finding.message, hint, span, lines, file);
  });
}

export function problemAt(
  severity: PipelineProblem['severity'],
  message: string,
  hint: string | undefined,
  span: Span,
  lines: LineMap,
  file: string,
): PipelineProblem {
  const { line, column, source } = positionOf(span, lines);
  const rest = Math.max(1, source.length - column + 1);
  return {
    code: severity === 'error' ? 'SYS_MANIFEST_INVALID' : 'pipeline-warning',
    severity,
    message,
    file,
    line,
    column,
    ...(span.length > 0 ? { length: Math.min(span.length, rest), source } : {}),
    ...(hint === undefined || hint === '' ? {} : { hint }),
  };
}

function positionOf(span: Span, { text, starts }: LineMap): { line: number; column: number; source: string } {
  const offset = Math.min(span.offset, text.length);
  let low = 0;
  for (let high = starts.length - 1; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = starts[low] ?? 0;
  const source = text.slice(start, starts[low + 1] ?? text.length).replace(/[\r\n]+$/, '');
  return { line: low + 1, column: offset - start + 1, source };
}
