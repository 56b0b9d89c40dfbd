import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type * as z from 'zod';
import { type Ended, murmur8, type RunOptions } from './cli.ts';

/** A repository with nothing but tasks, and the built program in it. */
export interface TaskStore {
  readonly root: string;
  path(file: string): string;
  write(file: string, text: string | Uint8Array): void;
  read(file: string): string;
  /** Every file below `tasks/` but the lock's, in order. */
  files(): string[];
  /** `murmur8 task <words>` to its end. */
  task(words: readonly string[], options?: Partial<RunOptions>): Promise<Ended>;
  /** The same with `--json`: exit code and document, which has to be as its contract says. */
  json<T extends z.ZodType>(
    contract: T,
    words: readonly string[],
    options?: Partial<RunOptions>,
  ): Promise<{ readonly code: number | null; readonly stderr: string; readonly document: z.output<T> }>;
  remove(): void;
}

export function taskStore(files: Readonly<Record<string, string>> = {}): TaskStore {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-tasks-')));
  // Nobody looks for tasks beyond a repository.
  mkdirSync(join(root, '.git'));
  const path = (file: string): string => join(root, file);
  const store: TaskStore = {
    root,
    path,
    write(file, text) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), text);
    },
    read: (file) => readFileSync(path(file), 'utf8'),
    files: () =>
      readdirSync(path('tasks'), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('.lock'))
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        .sort(),
    task: (words, options) => murmur8(['task', ...words], { cwd: root, ...options }),
    async json(contract, words, options) {
      const { code, stdout, stderr } = await store.task([...words, '--json'], options);
      expect(stdout, stderr).toMatch(/^[[{]/);
      return { code, stderr, document: contract.parse(JSON.parse(stdout)) };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  for (const [file, text] of Object.entries(files)) store.write(file, text);
  return store;
}

/** A valid task file; further lines of its front matter as they are to stand there. */
export function taskFile(id: string, lines: readonly string[] = [], body = '\nSome text.\n'): string {
  const has = (key: string): boolean => lines.some((line) => line.startsWith(`${key}:`));
  return [
    '---',
    `id: ${id}`,
    ...(has('title') ? [] : [`title: The task ${id}`]),
    ...(has('kind') ? [] : ['kind: task']),
    ...(has('state') ? [] : ['state: idea']),
    ...lines,
    '---',
    body,
  ].join('\n');
}

/** The attempts of the seed's example (seed 003, execution metadata schema), as its file has them. */
export const SEED_EXECUTION: readonly string[] = [
  'execution:',
  '  attempts:',
  '    - started_at: "2025-11-02T15:03:00.000Z"  # ISO 8601 UTC',
  '      ended_at: "2025-11-02T15:05:00.000Z"',
  '      duration_seconds: 120',
  '      status: failed',
  '      error_reason: "TypeError: Cannot read property \'foo\' of undefined"',
  '      executor:',
  '        tool: claude-code',
  '        model: claude-sonnet-4-20250514',
  '        planner:',
  '          tool: planner-tool',
  '          model: planner-model',
  '      notes: "First attempt failed"',
  '    - started_at: "2025-11-02T15:06:25.000Z"',
  '      ended_at: "2025-11-02T15:08:00.000Z"',
  '      duration_seconds: 95',
  '      status: failed',
  '      error_reason: "AssertionError: Expected 200, got 404"',
  '      executor:',
  '        tool: claude-code',
  '        model: claude-sonnet-4-20250514',
  '    - started_at: "2025-11-02T15:10:00.000Z"',
  '      ended_at: "2025-11-02T15:12:45.000Z"',
  '      duration_seconds: 165',
  '      status: completed',
  '      executor:',
  '        tool: claude-code',
  '        model: claude-sonnet-4-20250514',
  '      reviewer:',
  '        name: fabio',
  '        approved: true',
  '        reviewed_at: "2025-11-02T15:15:00.000Z"',
  '        notes: "LGTM"',
];

/** An attempt as other orchestrators give it. */
export function attempt(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    started_at: '2025-11-02T15:03:00Z',
    ended_at: '2025-11-02T15:05:00Z',
    duration_seconds: 120,
    status: 'completed',
    executor: { tool: 'claude-code', model: 'sonnet' },
    ...changes,
  });
}
