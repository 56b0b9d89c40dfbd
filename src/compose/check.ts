import { type Problem, placeOf } from '../core/problem.ts';

/** One thing a run needs. A warning does not keep a run from starting. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** The check of this name, which found a problem. */
export function failedCheck(name: string, problem: Problem): Check {
  const place = placeOf(problem);
  return {
    name,
    state: 'failed',
    found: `${place === undefined ? '' : `${place}: `}${problem.message}`,
    ...(problem.hint === undefined ? {} : { fix: problem.hint }),
  };
}
