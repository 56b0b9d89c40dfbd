import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { acpOpencodePlugin, acpOpencodeSettings } from '../../core/agent/acp-opencode.ts';
import type { AgentOrder } from '../../engine/ports.ts';
import { childEnvironment } from '../process/child-environment.ts';
import type { OwnFile } from './cli-agent-definition.ts';
import { jobEnvironment } from './job-environment.ts';
import { providerVariables } from './provider-variables.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of an agent that works: what every child gets, its own variables and those of its model service. */
export function acpEnvironment(
  env: Environment,
  agent: string,
  order: AgentOrder,
  places: { readonly temporaryDir: string; readonly directory: string },
): Record<string, string> {
  const dirs = [places.directory, places.temporaryDir];
  const plugin = pathToFileURL(pluginFile(order)).href;
  const settings = isOpencode(agent)
    ? acpOpencodeSettings(order.tools, dirs, plugin, env['OPENCODE_CONFIG_CONTENT'])
    : undefined;
  return childEnvironment(env, {
    ...providerVariables(env, agent, order.model),
    ...jobEnvironment(order),
    ...manners(env, agent),
    ...(settings === undefined ? {} : { OPENCODE_CONFIG_CONTENT: settings }),
    TMPDIR: places.temporaryDir,
  });
}

/** What of ours has to be there before the agent starts. */
export function acpOwnFiles(agent: string, order: AgentOrder): readonly OwnFile[] {
  return isOpencode(agent) ? [{ path: pluginFile(order), text: acpOpencodePlugin }] : [];
}

/** Where no agent looks. */
function pluginFile(order: AgentOrder): string {
  return join(order.scratchDir, 'opencode-plugin.js');
}

/** The environment of an agent that is only asked who it is. */
export function acpProbeEnvironment(
  env: Environment,
  agent: string,
  temporaryDir: string,
): Record<string, string> {
  return childEnvironment(env, {
    ...providerVariables(env, agent, undefined),
    ...manners(env, agent),
    TMPDIR: temporaryDir,
  });
}

/**
 * What is asked of agents that we know: no update and no list of models over the network unless the user says
 * otherwise, and one process instead of two.
 */
function manners(env: Environment, agent: string): Record<string, string> {
  if (isOpencode(agent))
    return {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: env['OPENCODE_DISABLE_MODELS_FETCH'] ?? '1',
    };
  if (agent.startsWith('gemini'))
    return { GEMINI_CLI_NO_RELAUNCH: 'true', GEMINI_TELEMETRY_ENABLED: 'false' };
  return {};
}

function isOpencode(agent: string): boolean {
  return agent.startsWith('opencode');
}
