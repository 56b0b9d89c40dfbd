import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { HistoryEntry } from '../../src/core/history/entry.ts';
import { type RunEvent, runEventSchema } from '../../src/core/run/event.ts';
import { MACHINE } from './cli.ts';

/** A brief from which the offline runner makes two stories, five tests and one module. */
export const GREETING = readFileSync(new URL('../../examples/greeting/brief.md', import.meta.url), 'utf8');

/** A repository of somebody who uses the program, with one commit and a brief beside it. */
export interface TestProject {
  readonly root: string;
  readonly stateDir: string;
  /** Path of the brief, outside the repository. */
  readonly brief: string;
  path(...names: string[]): string;
  git(...args: string[]): string;
  write(path: string, content: string | Uint8Array): void;
  read(path: string): string;
  has(path: string): boolean;
  /** Paths of all files below a directory, relative to the root. */
  filesBelow(path: string): string[];
  /** Entries of the history, oldest first; empty if there is no file. */
  history(): HistoryEntry[];
  /** Ids of the executions. */
  runs(): string[];
  /** Events of the journal of a run, by default of the only one. */
  journal(executionId?: string): RunEvent[];
  /** Files of the last commit. */
  committed(): string[];
  /** Untracked and changed files as git shows them, without the program's own state. */
  uncommitted(): string[];
  featureId(slug?: string): string | undefined;
  remove(): void;
}

export interface ProjectOptions {
  readonly brief?: string;
  /** Name of the directory; may hold whatever a file system allows. */
  readonly name?: string;
  readonly commit?: boolean;
  readonly git?: boolean;
}

export function createProject(options: ProjectOptions = {}): TestProject {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-project-')));
  const root = join(parent, options.name ?? 'project');
  const brief = join(parent, 'brief.md');
  mkdirSync(root);
  writeFileSync(brief, options.brief ?? GREETING);
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      env: MACHINE,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const project: TestProject = {
    root,
    stateDir: join(root, '.claude'),
    brief,
    path: (...names) => join(root, ...names),
    git,
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    has: (path) => existsSync(join(root, path)),
    filesBelow: (path) =>
      readdirSync(join(root, path), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name))),
    history() {
      const file = join(root, '.claude/pipeline-history.json');
      return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as HistoryEntry[]) : [];
    },
    runs() {
      const runs = join(root, '.claude/runs');
      return existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith('.')) : [];
    },
    journal(executionId = project.runs()[0] ?? '') {
      return (
        readFileSync(join(root, '.claude/runs', executionId, 'journal.jsonl'), 'utf8')
          .split('\n')
          // Behind the last line end stands nothing, or what a killed writer left of a line.
          .slice(0, -1)
          .map((line) => runEventSchema.parse(JSON.parse(line)))
      );
    },
    committed: () =>
      git('show', '--format=', '--name-only', '-z', 'HEAD')
        .split('\0')
        .filter((path) => path !== ''),
    uncommitted: () =>
      git('status', '--porcelain', '-z', '-uall', '--', ':/', ':(top,exclude).claude')
        .split('\0')
        .filter((line) => line !== ''),
    featureId: (slug = 'greeting') =>
      /^featureId: (\S+)$/m.exec(project.read(`.blueprint/features/feature_${slug}/FEATURE_SPEC.md`))?.[1],
    // A detached delivery may still write its last word.
    remove: () => rmSync(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  };
  if (options.git === false) return project;
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ada Tester');
  git('config', 'user.email', 'ada@example.com');
  if (options.commit !== false) {
    project.write('README.md', '# Project\n');
    git('add', '-A');
    git('commit', '-q', '-m', 'begin');
  }
  return project;
}
