import type { Problem } from '../problem.ts';

/** Something wrong in a task file. The message holds path, found and allowed; a list shows them one line each. */
export interface TaskProblem extends Problem {
  readonly severity: 'error' | 'warning';
  /** Dotted, such as `execution.attempts.0.status`; empty for the file as a whole. */
  readonly path: string;
  /** What stands there, shortened; `nothing` where a value is missing. */
  readonly found?: string;
  /** What may stand there. */
  readonly allowed?: string;
}

/** A problem before its place is known. */
export interface Finding {
  readonly severity: TaskProblem['severity'];
  readonly path: readonly (string | number)[];
  /** Whether the key is meant, and not its value. */
  readonly isOfKey?: boolean;
  readonly found?: string;
  readonly allowed?: string;
  /** In place of one made of the three above. */
  readonly message?: string;
  readonly hint?: string;
}

/** A finding and where it is, in UTF-16 units. */
export interface Placed {
  readonly finding: Finding;
  readonly offset: number;
}

/** A file with more problems than this is no task file that somebody is going to correct line by line. */
const MOST_PROBLEMS = 500;

/** Findings in the order of the file; their offsets count from `start`. */
export function problemsAt(
  placed: readonly Placed[],
  text: string,
  start: number,
  file: string,
): TaskProblem[] {
  const inOrder = placed.toSorted((one, other) => one.offset - other.offset);
  const rest = inOrder.length - MOST_PROBLEMS;
  const problems: TaskProblem[] = [];
  let position: Position = { offset: 0, line: 1, lineStart: text.startsWith('\uFEFF') ? 1 : 0 };
  for (const { finding, offset } of inOrder.slice(0, MOST_PROBLEMS)) {
    position = advance(text, position, start + offset);
    problems.push(problemOf(finding, position, file));
  }
  if (rest > 0) {
    const severity = inOrder.slice(MOST_PROBLEMS).some(isError) ? 'error' : 'warning';
    problems.push(
      problemOf({ severity, path: [], message: `${rest} more problems are not shown` }, position, file),
    );
  }
  return problems;
}

/** One finding alone. */
export function problemAt(finding: Finding, text: string, offset: number, file: string): TaskProblem {
  const [problem] = problemsAt([{ finding, offset }], text, 0, file);
  return problem ?? problemOf(finding, { offset, line: 1, lineStart: 0 }, file);
}

function isError({ finding }: Placed): boolean {
  return finding.severity === 'error';
}

function problemOf(finding: Finding, position: Position, file: string): TaskProblem {
  const { severity, found, allowed, hint } = finding;
  const path = dotted(finding.path);
  return {
    code: severity === 'error' ? 'task-invalid' : 'task-warning',
    severity,
    path,
    ...(found === undefined ? {} : { found }),
    ...(allowed === undefined ? {} : { allowed }),
    message: finding.message ?? `${path === '' ? 'the front matter' : path} is ${found}; allowed: ${allowed}`,
    file,
    line: position.line,
    column: Math.max(1, position.offset - position.lineStart + 1),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** `execution.attempts.0.status`; a key of any length is shown shortened. */
export function dotted(path: readonly (string | number)[]): string {
  return path.map((step) => clip(String(step))).join('.');
}

function clip(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN - 1)}…`;
}

interface Position {
  readonly offset: number;
  readonly line: number;
  readonly lineStart: number;
}

/** Walks on from one place to a later one, so that a text is walked through once for all of its problems. */
function advance(text: string, from: Position, offset: number): Position {
  let { line, lineStart } = from;
  for (let at = from.offset; at < offset; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 10 && !(code === 13 && text.charCodeAt(at + 1) !== 10)) continue;
    line += 1;
    lineStart = at + 1;
  }
  return { offset, line, lineStart };
}

const LONGEST_SHOWN = 60;

/** A value as it is shown in a problem. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(clip(value));
}
