import { shorten } from '../core/agent/plain-text.ts';
import type { TestedVersions } from '../core/agent/tested-version.ts';
import { nearestTo } from '../core/nearest.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { acpTellsCost, createAcpAgent } from '../edges/agents/acp.ts';
import { claudeDefinition } from '../edges/agents/claude.ts';
import { createCliAgent } from '../edges/agents/cli-agent.ts';
import type { CliAgentDefinition } from '../edges/agents/cli-agent-definition.ts';
import { codexDefinition } from '../edges/agents/codex.ts';
import { createCommandAgent } from '../edges/agents/command.ts';
import { geminiDefinition } from '../edges/agents/gemini.ts';
import { createOfflineAgent } from '../edges/agents/offline.ts';
import { opencodeDefinition } from '../edges/agents/opencode.ts';
import type { AgentRunner } from '../engine/ports.ts';

export interface RunnerDependencies {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: readonly string[];
  /** Where agents work. */
  readonly cwd: string;
}

/** Coding agents with a command line. */
const CLI_AGENTS: readonly CliAgentDefinition[] = [
  claudeDefinition,
  codexDefinition,
  geminiDefinition,
  opencodeDefinition,
];

/** Runners that need nothing behind their names. */
export const RUNNER_NAMES: readonly string[] = [...CLI_AGENTS.map(({ name }) => name), 'offline'];

const KNOWN = [...RUNNER_NAMES, 'acp:<command>', 'command:<command line>'].join(', ');

/** Runner of agents that name none. */
export const DEFAULT_RUNNER = 'claude';

/** The runner of that name, made anew. */
export function createRunner(name: string, dependencies: RunnerDependencies): Result<AgentRunner> {
  if (name === 'offline') return ok(createOfflineAgent());
  const definition = CLI_AGENTS.find((agent) => agent.name === name);
  if (definition !== undefined) return ok(createCliAgent(definition, dependencies));
  if (name.startsWith('acp:')) {
    const commandLine = name.slice('acp:'.length).trim();
    if (commandLine !== '') return ok(createAcpAgent(commandLine, dependencies));
  }
  if (name.startsWith('command:')) {
    const commandLine = name.slice('command:'.length).trim();
    if (commandLine !== '') return ok(createCommandAgent(commandLine, dependencies));
  }
  const near = nearestTo(name, RUNNER_NAMES);
  return fail({
    code: 'unknown-runner',
    message: `there is no runner ${JSON.stringify(shorten(name, 200))}`,
    hint: `${near === undefined ? '' : `did you mean ${near}? `}this version has: ${KNOWN}`,
  });
}

/** The versions of the agent that this runner was made for; undefined for a runner without versions. */
export function testedVersions(name: string): TestedVersions | undefined {
  return CLI_AGENTS.find((agent) => agent.name === name)?.tested;
}

/** Whether the runner tells what a session cost; known without asking it. */
export function tellsCost(name: string): boolean {
  if (name.startsWith('acp:')) return acpTellsCost(name.slice('acp:'.length));
  return name === 'offline' || CLI_AGENTS.some((agent) => agent.name === name && agent.reportsCost);
}
