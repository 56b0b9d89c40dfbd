import { join } from 'node:path';
import type { AgentOrder } from '../../engine/ports.ts';
import { childEnvironment } from '../process/child-environment.ts';
import { jobEnvironment } from './job-environment.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Marks of a Claude Code session around us; with them the inner one would take itself for a part of it. */
const OF_THE_OUTER_SESSION = /^CLAUDE_CODE_(?:ENTRYPOINT|SSE_PORT|SESSION|REMOTE|CHILD)/;

const CLOUD_PREFIXES: readonly (readonly [string, readonly string[]])[] = [
  ['CLAUDE_CODE_USE_BEDROCK', ['AWS_']],
  ['CLAUDE_CODE_USE_VERTEX', ['GOOGLE_', 'GCLOUD_', 'CLOUDSDK_', 'CLOUD_ML_', 'VERTEX_']],
];

/** The environment of a session: the user's own login and endpoint, no update, no telemetry, few retries. */
export function claudeEnvironment(
  env: Environment,
  order: AgentOrder,
  temporaryDir: string,
  isolated: boolean,
): Record<string, string> {
  return childEnvironment(env, {
    CLAUDE_CODE_MAX_RETRIES: '2',
    ...claudeVariables(env),
    ...jobEnvironment(order),
    ...(isolated ? { CLAUDE_CONFIG_DIR: join(order.homeDir, '.claude') } : {}),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    TMPDIR: temporaryDir,
  });
}

/** The user's own variables for Claude Code and its model service. */
export function claudeVariables(env: Environment): Record<string, string> {
  const prefixes = [
    'ANTHROPIC_',
    'CLAUDE_',
    ...CLOUD_PREFIXES.flatMap(([flag, names]) => (env[flag] ? names : [])),
  ];
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || OF_THE_OUTER_SESSION.test(name)) continue;
    const own = ['API_TIMEOUT_MS', 'IS_SANDBOX', 'BASH_DEFAULT_TIMEOUT_MS', 'BASH_MAX_TIMEOUT_MS'].includes(
      name,
    );
    if (own || prefixes.some((prefix) => name.startsWith(prefix))) passed[name] = value;
  }
  return passed;
}
