import { isAbsolute, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OPENCODE_SIGN, opencodePlugin } from '../../core/agent/opencode-plugin.ts';
import { OPENCODE_AGENT, opencodeSettings } from '../../core/agent/opencode-settings.ts';
import { createOpencodeReader } from '../../core/agent/opencode-stream.ts';
import { childEnvironment } from '../process/child-environment.ts';
import type { CliAgentDefinition, CliSession, Environment } from './cli-agent-definition.ts';
import { withInstructions } from './instructions.ts';
import { jobEnvironment } from './job-environment.ts';
import { opencodeLogin, opencodeModel } from './opencode-login.ts';
import { opencodeOutcome } from './opencode-outcome.ts';
import { findOpencode } from './opencode-program.ts';
import { providerVariables } from './provider-variables.ts';

/** Opencode (measured with 1.18.33). */
export const opencodeDefinition: CliAgentDefinition = {
  name: 'opencode',
  title: 'opencode',
  notFound: {
    code: 'runner-missing',
    message: 'opencode cannot be found',
    hint: 'install it with `npm install -g opencode-ai`, or set MURMUR8_OPENCODE_PROGRAM to its path',
  },
  tested: { from: '1.18.33', below: '1.19.0' },
  reportsCost: true,
  find: findOpencode,
  versionEnvironment: (env) => quiet(env),
  login: opencodeLogin,
  isSignOfLife: (stream, line) => stream === 'stdout' && line.startsWith(OPENCODE_SIGN),
  writingTool: 'write',
  prompt: withInstructions,
  files: (session) => [{ path: pluginFile(session), text: opencodePlugin }],
  arguments: ({ order }) => [
    ...['run', '--format', 'json', '--agent', OPENCODE_AGENT],
    // Without a title it asks its model for one.
    ...(order.sessionId === undefined
      ? ['--title', `murmur8 ${order.job.stage}`]
      : ['--session', order.sessionId]),
    ...(order.model === undefined ? [] : ['--model', order.model]),
  ],
  environment: opencodeEnvironment,
  reader: async ({ order, env }) =>
    createOpencodeReader({
      cwd: order.cwd,
      model: order.model ?? (await opencodeModel(env)),
      maxTurns: order.maxTurns,
      maxCostMicroUsd: order.maxCostMicroUsd,
    }),
  outcome: opencodeOutcome,
  lostSession: (_sessionId, message) => /session not found/i.test(message),
  // It leaves its tools alive on any signal: they are swept.
  stopLadder: [{ signal: 'SIGTERM', to: 'group', waitMs: 3_000 }],
  longestToolMs: 11 * 60_000,
};

/** Where no agent looks. */
function pluginFile({ order }: CliSession): string {
  return join(order.scratchDir, 'opencode-plugin.js');
}

/** The user's own login and providers; of the keys in the environment only that of the model's service. */
async function opencodeEnvironment(session: CliSession): Promise<Record<string, string>> {
  const { env, order, temporaryDir, isolated } = session;
  const own = order.outputFile === undefined ? [order.answerFile] : [order.answerFile, order.outputFile];
  const home = (name: string) => join(order.homeDir, 'opencode', name);
  return childEnvironment(env, {
    ...providerVariables(env, 'opencode', order.model ?? (await opencodeModel(env))),
    ...jobEnvironment(order),
    ...(isolated
      ? {
          XDG_CONFIG_HOME: home('config'),
          XDG_DATA_HOME: home('data'),
          XDG_STATE_HOME: home('state'),
          XDG_CACHE_HOME: home('cache'),
        }
      : {}),
    ...quiet(env),
    OPENCODE_CONFIG_CONTENT: opencodeSettings(
      order.tools,
      temporaryDir,
      own.flatMap((file) => namesOf(order.cwd, file)),
      pathToFileURL(pluginFile(session)).href,
    ),
    TMPDIR: temporaryDir,
  });
}

/** It names a file by its way from the project, or by its whole path where there is no such way. */
function namesOf(cwd: string, file: string): readonly string[] {
  const way = relative(cwd, file);
  return isAbsolute(way) ? [file] : [way, file];
}

/** No update and no list of models over the network, unless the user says otherwise. */
function quiet(env: Environment): Record<string, string> {
  return {
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: env['OPENCODE_DISABLE_MODELS_FETCH'] ?? '1',
  };
}
