import { inKeyOrder } from './key-order.ts';
import type { TaskMetaInput } from './meta.ts';
import { renderEntry } from './render-yaml.ts';

/**
 * The text of a new task file: front matter in the order of its keys, then the body as it is given. Reading it gives
 * back what was written.
 */
export function writeTask(meta: TaskMetaInput, body: string, lineEnding = '\n'): string {
  const place = { indent: 0, lineEnding, step: 2, listStep: 2, isFlow: false, depth: 0 };
  const entries = Object.entries(inKeyOrder([], meta) as object).map(([key, value]) =>
    renderEntry(key, value, place),
  );
  return `${['---', ...entries, '---'].join(lineEnding)}${lineEnding}${body}`;
}
