import { type Problem, placeOf } from '../../../core/problem.ts';
import { formatCount } from './money.ts';
import { harmless, PLAIN, type Style } from './style.ts';

/** As many problems as anybody reads; a program takes them all, as JSON. */
const MOST_SHOWN = 200;

/** Why files were left out of a listing, for standard error: that never stops it. */
export function formatLeftOut(problems: readonly Problem[]): string {
  const lines = problems.slice(0, MOST_SHOWN).map((problem) => {
    const place = placeOf(problem);
    return `murmur8: warning: ${place === undefined ? '' : `${harmless(place)}: `}${harmless(problem.message)}\n`;
  });
  const hidden = problems.length - lines.length;
  return (
    lines.join('') +
    (hidden > 0 ? `murmur8: warning: and ${hidden} more; murmur8 task validate shows all\n` : '')
  );
}

/** One line for each problem of task files: place, severity, what is wrong, and what to do about it. */
export function formatTaskProblems(
  problems: readonly (Problem & { readonly severity: 'error' | 'warning' })[],
  style: Style = PLAIN,
): string {
  const lines = problems.slice(0, MOST_SHOWN).map((problem) => {
    const paint = problem.severity === 'error' ? style.red : style.yellow;
    const place = placeOf(problem);
    const hint = problem.hint === undefined ? '' : ` (${harmless(problem.hint)})`;
    const head = place === undefined ? '' : `${style.bold(harmless(place))}: `;
    return `${head}${paint(problem.severity)}: ${harmless(problem.message)}${hint}\n`;
  });
  const hidden = problems.length - lines.length;
  return lines.join('') + (hidden > 0 ? `and ${hidden} more; --json prints all\n` : '');
}

/** What a check of task files came to, in one line. */
export function validationAsText(
  files: number,
  problems: readonly { readonly severity: 'error' | 'warning' }[],
): string {
  if (files === 0) return 'no task files\n';
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const found = [counted(errors, 'error'), counted(problems.length - errors, 'warning')].filter(
    (text) => text !== '',
  );
  return `${counted(files, 'task file')}: ${found.length === 0 ? 'valid' : found.join(', ')}\n`;
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
