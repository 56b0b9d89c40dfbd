import type { TaskMeta } from '../../core/task/meta.ts';

/** A task as programs get it: its front matter with the defaults of what was left out, and where its file is. */
export function taskItem(meta: TaskMeta, path: string): TaskMeta & { readonly path: string } {
  return { ...meta, path };
}
