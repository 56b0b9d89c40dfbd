import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aliveWith } from './agents-alive.ts';
import { type Ended, type Started, start } from './cli.ts';
import type { ModelSession } from './model-server.ts';
import { createProject, type TestProject } from './project.ts';

/** The key that agents get; nothing that our own program writes may hold it. */
export const AGENT_KEY = 'agent-key-41d8cd98f00b204e';

/** A project whose user has Claude Code, with a home of its own in which it keeps its sessions. */
export interface ClaudeProject extends TestProject {
  /** Stands in the environment of every process of the project's runs. */
  readonly home: string;
  /** Starts the program. */
  start(model: ModelSession, args: readonly string[], env?: Readonly<Record<string, string>>): Started;
  /** Runs the program to its end. */
  run(model: ModelSession, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Living processes of Claude Code itself, not those of its tools. */
  agents(): readonly number[];
}

/** Arguments of `implement-feature greeting`, from the brief and with Claude Code. */
export function implement(project: TestProject, ...more: string[]): readonly string[] {
  return ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'claude', ...more];
}

export function claudeProject(program: string): ClaudeProject {
  const project = createProject();
  const home = mkdtempSync(join(tmpdir(), 'murmur8-claude-home-'));
  const begin: ClaudeProject['start'] = (model, args, env = {}) =>
    start(args, {
      cwd: project.root,
      env: {
        HOME: home,
        CLAUDE_CONFIG_DIR: join(home, '.claude'),
        CLAUDE_CODE_MAX_RETRIES: '0',
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: AGENT_KEY,
        MURMUR8_CLAUDE_PROGRAM: program,
        ...env,
      },
    });
  return {
    ...project,
    home,
    start: begin,
    run: (model, args, env) => begin(model, args, env).ended,
    agents: () =>
      aliveWith(home).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(program)),
    remove() {
      project.remove();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Everything that the program wrote: its state, and all that git holds. */
export function writtenIn(project: TestProject): string {
  const state = readdirSync(project.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const history = project.git('log', '-p', '--all', '--root', '-m', '--format=%H %an %s %b');
  return [...state, history].join('\n');
}
