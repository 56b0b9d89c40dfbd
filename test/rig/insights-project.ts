import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InsightsDocument, insightsContract } from '../../src/interfaces/contract/insights.ts';
import { type Ended, murmur8, type RunOptions } from './cli.ts';

/** A task as `task list --output json` prints it, as far as insights reads it. */
export interface TaskItem {
  readonly id: string;
  readonly size: string;
  readonly ambiguity: string;
  readonly attempts: readonly AttemptItem[];
}

export interface AttemptItem {
  readonly started_at: string;
  readonly ended_at: string;
  readonly duration_seconds: number;
  readonly status: 'completed' | 'failed' | 'abandoned';
  readonly executor: { readonly tool: string; readonly model?: string };
}

/** A directory with recorded runs and tasks, and the program run in it. */
export interface InsightsProject {
  readonly root: string;
  write(path: string, text: string): void;
  insights(args?: readonly string[], options?: Partial<RunOptions>): Promise<Ended>;
  /** What `--json` prints, held against its contract; fails where the program does. */
  document(args?: readonly string[], options?: Partial<RunOptions>): Promise<InsightsDocument>;
  remove(): void;
}

export function insightsProject(
  given: {
    readonly entries?: readonly unknown[];
    readonly pipelineRuns?: readonly object[];
    readonly tasks?: readonly TaskItem[];
  } = {},
): InsightsProject {
  const root = mkdtempSync(join(tmpdir(), 'murmur8-insights-'));
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const insights = (args: readonly string[] = [], options: Partial<RunOptions> = {}): Promise<Ended> =>
    murmur8(['insights', ...args], { cwd: root, ...options });
  if (given.entries !== undefined) write('.claude/pipeline-history.json', JSON.stringify(given.entries));
  if (given.pipelineRuns !== undefined)
    write(
      '.claude/pipelines/history.jsonl',
      given.pipelineRuns.map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
  for (const task of given.tasks ?? []) write(`tasks/30-done/task-${task.id}.md`, taskText(task));
  return {
    root,
    write,
    insights,
    document: async (args = [], options = {}) => {
      const { code, stdout, stderr } = await insights(['--json', ...args], options);
      if (code !== 0) throw new Error(`insights ended with ${code}: ${stderr}`);
      return insightsContract.parse(JSON.parse(stdout));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** As `task list --output json` prints them. */
export function taskList(tasks: readonly TaskItem[]): string {
  return JSON.stringify(
    tasks.map(({ attempts, ...meta }) => ({
      ...meta,
      title: meta.id,
      kind: 'task',
      state: 'done',
      ...(attempts.length === 0 ? {} : { execution: { attempts } }),
    })),
  );
}

/** YAML takes JSON for values. */
function taskText({ id, size, ambiguity, attempts }: TaskItem): string {
  const execution = attempts.length === 0 ? [] : [`execution: ${JSON.stringify({ attempts })}`];
  return [
    '---',
    `id: ${JSON.stringify(id)}`,
    `title: ${JSON.stringify(id)}`,
    'kind: task',
    'state: done',
    `size: ${size}`,
    `ambiguity: ${ambiguity}`,
    'created_at: 2026-01-01T00:00:00.000Z',
    'updated_at: 2026-01-01T00:00:00.000Z',
    'completed_at: 2026-01-01T00:00:00.000Z',
    ...execution,
    '---',
    '',
    'Do it.',
    '',
  ].join('\n');
}
