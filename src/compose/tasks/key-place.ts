import { findFrontMatter } from '../../core/task/front-matter.ts';
import { readHead } from '../../edges/task/head.ts';
import type { TaskFile } from '../../edges/task/task-files.ts';

/** Line and column, from one, of a key at the top of a task's front matter; nothing where it does not stand there. */
export function keyPlace(
  { path, shown }: Pick<TaskFile, 'path' | 'shown'>,
  [key]: readonly (string | number)[],
): { readonly line?: number; readonly column?: number } {
  const head = readHead(path, shown);
  const parts = head.ok ? findFrontMatter(head.value) : undefined;
  if (!head.ok || parts?.kind !== 'found') return {};
  const lines = head.value.slice(0, parts.end).split(/\r\n|\n|\r/);
  const index = lines.findIndex((line) => /^["']?([\w-]+)["']?\s*:/.exec(line)?.[1] === key);
  return index < 0 ? {} : { line: index + 1, column: 1 };
}
