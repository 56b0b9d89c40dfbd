import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentName } from './agents.ts';
import { aliveWith } from './agents-alive.ts';
import { start } from './cli.ts';
import { type AgentProject, agentProject } from './feature-script-project.ts';
import { createProject } from './project.ts';

const AGENT = join(import.meta.dirname, 'acp-agent.mjs');

/** A project whose user has an agent that speaks the Agent Client Protocol: the one of test/rig/acp-agent.mjs. */
export function acpProject(): AgentProject {
  const project = createProject();
  const home = mkdtempSync(join(tmpdir(), 'murmur8-acp-home-'));
  const urlFile = join(home, 'model-url');
  mkdirSync(join(home, 'sessions'));
  const begin: AgentProject['start'] = (model, args, env = {}) => {
    writeFileSync(urlFile, model.url);
    return start(args, { cwd: project.root, env: { HOME: home, ...env } });
  };
  return {
    ...project,
    runner: `acp:'${process.execPath}' '${AGENT}' --model-url-file '${urlFile}' --sessions '${join(home, 'sessions')}'`,
    keyVariable: 'ACP_TEST_KEY',
    home,
    start: begin,
    run: (model, args, env) => begin(model, args, env).ended,
    agents: () => aliveWith(home).filter((pid) => programOf(pid) === AGENT),
    remove() {
      project.remove();
      rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

const COMMANDS: Readonly<Partial<Record<AgentName, string>>> = {
  gemini: '--acp --skip-trust',
  opencode: 'acp',
};

/** A project whose user has one of the real agents and talks to it in the protocol. */
export function acpAgentProject(name: AgentName, program: string): AgentProject {
  return { ...agentProject(name, program), runner: `acp:'${program}' ${COMMANDS[name]}` };
}

/** Whatever Node runs there: our own program has the agent among its arguments, too. */
function programOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1];
  } catch {
    return undefined;
  }
}
