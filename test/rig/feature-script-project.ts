/**
 * The feature pipeline with a real agent and a scripted model:
 *
 *     const program = agentProgram('codex');
 *     const project = agentProject('codex', program ?? '');
 *     const model = server.session(featureScript());
 *     const done = await project.run(model, implement(project, '--yes'));
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_VARIABLE, writeSettings } from './agent-user.ts';
import type { AgentName } from './agents.ts';
import { aliveWith } from './agents-alive.ts';
import { type Ended, type Started, start } from './cli.ts';
import type { ModelSession } from './model-server.ts';
import { createProject, type TestProject } from './project.ts';

/** The key that agents get; nothing that our own program writes may hold it. */
export const AGENT_KEY = 'agent-key-41d8cd98f00b204e';

/** A project whose user has an agent, with a home of its own in which it keeps its sessions. */
export interface AgentProject extends TestProject {
  /** For `--runner`. */
  readonly runner: string;
  /** Variable in which the agent finds AGENT_KEY. */
  readonly keyVariable: string;
  /** Stands in the environment of every process of the project's runs. */
  readonly home: string;
  /** Starts the program. */
  start(model: ModelSession, args: readonly string[], env?: Readonly<Record<string, string>>): Started;
  /** Runs the program to its end. */
  run(model: ModelSession, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Living processes of the agent itself, not those of its tools. */
  agents(): readonly number[];
}

export type ClaudeProject = AgentProject;

/** Arguments of `implement-feature greeting`, from the brief and with the project's agent. */
export function implement(project: AgentProject, ...more: string[]): readonly string[] {
  return ['implement-feature', 'greeting', '--brief', project.brief, '--runner', project.runner, ...more];
}

/**
 * `program` is what `agentProgram(name)` gave. The agent finds the model service in its own settings or variables,
 * asks a second time for nothing that failed, and has its key in a variable.
 */
export function agentProject(name: AgentName, program: string): AgentProject {
  const project = createProject();
  const home = mkdtempSync(join(tmpdir(), `murmur8-${name}-home-`));
  const begin: AgentProject['start'] = (model, args, env = {}) => {
    if (name !== 'claude') writeSettings(name, home, model.url);
    return start(args, {
      cwd: project.root,
      env: {
        HOME: home,
        [KEY_VARIABLE[name]]: AGENT_KEY,
        [`MURMUR8_${name.toUpperCase()}_PROGRAM`]: program,
        ...VARIABLES[name](home, model.url),
        ...env,
      },
    });
  };
  return {
    ...project,
    runner: name,
    keyVariable: KEY_VARIABLE[name],
    home,
    start: begin,
    run: (model, args, env) => begin(model, args, env).ended,
    agents: () => aliveWith(home).filter((pid) => isProgram(pid, program)),
    remove() {
      project.remove();
      rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

/** A project whose user has Claude Code. */
export function claudeProject(program: string): ClaudeProject {
  return agentProject('claude', program);
}

const VARIABLES: Readonly<
  Record<AgentName, (home: string, modelUrl: string) => Readonly<Record<string, string>>>
> = {
  claude: (home, modelUrl) => ({
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    CLAUDE_CODE_MAX_RETRIES: '0',
    ANTHROPIC_BASE_URL: modelUrl,
  }),
  codex: () => ({}),
  gemini: (_home, modelUrl) => ({ GOOGLE_GEMINI_BASE_URL: modelUrl }),
  opencode: () => ({}),
};

/** The program itself, or Node with it. */
function isProgram(pid: number, program: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 2).includes(program);
  } catch {
    return false;
  }
}

/** Everything that the program wrote: its state, and all that git holds. */
export function writtenIn(project: TestProject): string {
  const state = readdirSync(project.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const history = project.git('log', '-p', '--all', '--root', '-m', '--format=%H %an %s %b');
  return [...state, history].join('\n');
}
