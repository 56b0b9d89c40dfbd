import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { geminiPolicy } from '../../core/agent/gemini-policy.ts';
import { createGeminiReader } from '../../core/agent/gemini-stream.ts';
import { childEnvironment } from '../process/child-environment.ts';
import { findProgram } from '../process/find-program.ts';
import type { CliAgentDefinition, CliSession, Environment } from './cli-agent-definition.ts';
import { geminiLogin } from './gemini-login.ts';
import { geminiOutcome } from './gemini-outcome.ts';
import { withInstructions } from './instructions.ts';
import { jobEnvironment } from './job-environment.ts';

/** Gemini CLI of Google (measured with 0.61.0). */
export const geminiDefinition: CliAgentDefinition = {
  name: 'gemini',
  title: 'Gemini CLI',
  notFound: {
    code: 'runner-missing',
    message: 'Gemini CLI (gemini) cannot be found',
    hint: 'install it with `npm install -g @google/gemini-cli`, or set MURMUR8_GEMINI_PROGRAM to its path',
  },
  tested: { from: '0.61.0', below: '0.62.0' },
  reportsCost: false,
  find: (env, cwd) => findProgram(env['MURMUR8_GEMINI_PROGRAM'] || 'gemini', env['PATH'], cwd),
  versionEnvironment: (env) => ({ ...geminiVariables(env), ...QUIET }),
  login: geminiLogin,
  writingTool: 'write_file',
  prompt: withInstructions,
  files: (session) => [
    { path: policyFile(session), text: geminiPolicy(session.order.tools, ownFiles(session)) },
    { path: defaultsFile(session), text: DEFAULTS },
  ],
  arguments: geminiArguments,
  environment: geminiEnvironment,
  reader: ({ order }) => createGeminiReader(order.cwd, order.maxTurns),
  outcome: geminiOutcome,
  lostSession: (_sessionId, message) => /error resuming session/i.test(message),
  // It exits with success on either signal and leaves its tools alive: they are swept.
  stopLadder: [{ signal: 'SIGTERM', to: 'group', waitMs: 3_000 }],
  longestToolMs: 11 * 60_000,
};

/** It would start itself a second time, with more memory, and report statistics. */
const QUIET = { GEMINI_CLI_NO_RELAUNCH: 'true', GEMINI_TELEMETRY_ENABLED: 'false' };

function geminiArguments(session: CliSession): readonly string[] {
  const { order, temporaryDir } = session;
  return [
    ...['--output-format', 'stream-json'],
    // The policy decides, for nobody is there to be asked. Without trust it would not start at all.
    ...['--approval-mode', 'default', '--admin-policy', policyFile(session), '--skip-trust'],
    // One stage could plant servers in the project for the next; no server has this name.
    ...['--allowed-mcp-server-names', 'none'],
    ...['--include-directories', temporaryDir],
    ...(order.model === undefined ? [] : ['--model', order.model]),
    ...(order.sessionId === undefined ? [] : ['--resume', order.sessionId]),
  ];
}

/** Where no agent looks: that of another attempt at the same time has other rights. */
function policyFile({ order }: CliSession): string {
  return join(order.scratchDir, 'gemini-policy.toml');
}

/** What counts where neither the user nor the machine says otherwise: ten times it would ask, minutes apart, in silence. */
const DEFAULTS = `${JSON.stringify({ general: { maxAttempts: 3 } })}\n`;

function defaultsFile({ order }: CliSession): string {
  return join(order.scratchDir, 'gemini-defaults.json');
}

/** Defaults of the machine, which go before ours. */
function hasOwnDefaults(env: Environment): boolean {
  const settings = env['GEMINI_CLI_SYSTEM_SETTINGS_PATH'] || '/etc/gemini-cli/settings.json';
  return (
    (env['GEMINI_CLI_SYSTEM_DEFAULTS_PATH'] ?? '') !== '' ||
    existsSync(join(dirname(settings), 'system-defaults.json'))
  );
}

function ownFiles({ order }: CliSession): readonly string[] {
  return order.outputFile === undefined ? [order.answerFile] : [order.answerFile, order.outputFile];
}

/** The user's own login and endpoint, nobody else's keys. */
function geminiEnvironment(session: CliSession): Record<string, string> {
  const { env, order, temporaryDir, isolated } = session;
  return childEnvironment(env, {
    ...geminiVariables(env),
    ...jobEnvironment(order),
    ...(isolated ? { GEMINI_CLI_HOME: order.homeDir } : {}),
    ...(hasOwnDefaults(env) ? {} : { GEMINI_CLI_SYSTEM_DEFAULTS_PATH: defaultsFile(session) }),
    ...QUIET,
    TMPDIR: temporaryDir,
  });
}

/** The user's own variables for Gemini CLI and its model service, without those of a session around us. */
function geminiVariables(env: Environment): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || /^GEMINI_CLI(?:_IDE|_SURFACE|$)/.test(name)) continue;
    if (/^(?:GEMINI_|GOOGLE_|CLOUDSDK_|VERTEX_)/.test(name)) passed[name] = value;
  }
  return passed;
}
