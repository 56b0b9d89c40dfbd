import { DEFAULT_STACK, type ProjectFacts, type Stack, stackSchema } from './stack.ts';
import { STACK_ROWS } from './stack-table.ts';

/**
 * The first row of the table that recognises the project decides; without one `node --test` is assumed.
 * `present` gives the text of a file or undefined, `names` are those in the project's root.
 */
export function detectStack(present: ProjectFacts['present'], names: readonly string[]): Stack {
  const row = STACK_ROWS.find((candidate) => candidate.recognises({ present, names }));
  if (row === undefined) return DEFAULT_STACK;
  return stackSchema.parse({ ...DEFAULT_STACK, ...row.describe({ present, names }) });
}
