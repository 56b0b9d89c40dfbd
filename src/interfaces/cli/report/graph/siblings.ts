import type { Stage } from '../../../../core/pipeline/definition.ts';
import { detailsOf } from './stage-text.ts';

const SHOWN = 3;
const LEAST_HIDDEN = 3;

/**
 * Stages of one block of which only the first few are told, and the others as a number: those with nothing to tell but
 * their name. A gate, a condition or a rollback is never hidden.
 */
export function collapse(block: readonly Stage[]): {
  readonly shown: readonly Stage[];
  readonly more: readonly Stage[];
} {
  const plain = block.filter((stage) => detailsOf(stage).length === 0);
  const more = plain.slice(SHOWN);
  if (more.length < LEAST_HIDDEN) return { shown: block, more: [] };
  const hidden = new Set(more);
  return { shown: block.filter((stage) => !hidden.has(stage)), more };
}
