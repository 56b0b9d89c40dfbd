/**
 * An expected failure, as a value. An exception, in contrast, is a bug of this program.
 * Wording for people is made from it where it is printed.
 */
export interface Problem {
  /** Stable and machine-readable: a reason code (see status/reason.ts) or a short kebab-case word. */
  readonly code: string;
  /** What happened, in lower case and without a full stop. */
  readonly message: string;
  /** The place: a path, optionally with line and column counted from one. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** What to do next. */
  readonly hint?: string;
  /** Of the exception behind it, only where a developer of this program asked for it (`MURMUR8_DEV=1`). */
  readonly stack?: string;
}

/** `path:line:column` of a problem, as far as it is known. */
export function placeOf(problem: Problem): string | undefined {
  if (problem.file === undefined) return undefined;
  const line = problem.line === undefined ? '' : `:${problem.line}`;
  const column = problem.line === undefined || problem.column === undefined ? '' : `:${problem.column}`;
  return `${problem.file}${line}${column}`;
}
