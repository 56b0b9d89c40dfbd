import { roleRights } from '../../core/agent/role-rights.ts';
import type { AgentOrder } from '../../engine/ports.ts';
import type { CliSession, Environment } from './cli-agent-definition.ts';

/** Settings of ours; the user's own `config.toml` counts for all others. */
const ALWAYS: readonly string[] = [
  // Nobody is there to be asked.
  'approval_policy="never"',
  'analytics.enabled=false',
  'check_for_update_on_startup=false',
  // These fetch from the network before the first request.
  'features.plugins=false',
  'features.apps=false',
  'features.remote_plugin=false',
  // With it, a service that refuses connections is asked for ever.
  'features.unbounded_connection_retries=false',
];

/**
 * Temporary files go to the session's own directory, which TMPDIR names: in a shared /tmp the sandbox would leave its
 * mount points behind, and a `.git` among them makes a repository of all that is below.
 */
const WRITING: readonly string[] = ['sandbox_workspace_write.exclude_slash_tmp=true'];

/** Set as if they were of a feature: with another name a user's own setting of that name would be overwritten. */
const PROVIDER = 'murmur8';
const PERMISSIONS = 'murmur8';

/** The command line of one headless session; the prompt comes through standard input. */
export function codexArguments({ order, env, temporaryDir }: CliSession): readonly string[] {
  const rights = roleRights(order.tools);
  const settings = [
    ...ALWAYS,
    ...providerSettings(env),
    ...keysKept(env),
    // One stage could plant settings and servers there for the next.
    `projects={${toml(order.cwd)}={trust_level="untrusted"}}`,
    `web_search=${toml(rights.fetches ? 'live' : 'disabled')}`,
    ...(rights.writes ? WRITING : readOnly(temporaryDir)),
    ...instructionsOf(order),
  ];
  return [
    ...['exec', '--json', '--skip-git-repo-check', ...(order.unrecorded === true ? ['--ephemeral'] : [])],
    ...settings.flatMap((setting) => ['-c', setting]),
    ...(rights.writes ? ['-s', 'workspace-write'] : []),
    ...(order.model === undefined ? [] : ['-m', order.model]),
    // `resume` knows few of the options above, so that it comes after them.
    ...(order.sessionId === undefined ? [] : ['resume', order.sessionId]),
    '-',
  ];
}

/**
 * Another place of the service, through a provider of its own: the built-in one would first try another transport
 * for some seconds.
 */
function providerSettings(env: Environment): readonly string[] {
  const url = env['OPENAI_BASE_URL'] ?? '';
  if (url === '') return [];
  const key = ['CODEX_API_KEY', 'OPENAI_API_KEY'].find((name) => (env[name] ?? '') !== '');
  const provider = [
    `name=${toml(PROVIDER)}`,
    `base_url=${toml(url)}`,
    ...(key === undefined ? [] : [`env_key=${toml(key)}`]),
    'wire_api="responses"',
    'request_max_retries=2',
    'stream_max_retries=2',
  ];
  return [`model_provider=${toml(PROVIDER)}`, `model_providers.${PROVIDER}={${provider.join(',')}}`];
}

/**
 * Tools get the whole environment, by whose marker they are found, but not the keys, unless the user passes these on
 * by name.
 */
function keysKept(env: Environment): readonly string[] {
  const named = (env['MURMUR8_PASS_ENV'] ?? '').split(',').map((name) => name.trim());
  const keys = ['CODEX_API_KEY', 'CODEX_ACCESS_TOKEN', 'OPENAI_API_KEY'];
  const kept = keys.filter((name) => !named.includes(name)).map(toml);
  return [
    'shell_environment_policy.inherit="all"',
    'shell_environment_policy.include_only=[]',
    `shell_environment_policy.exclude=[${kept.join(',')}]`,
  ];
}

/** A sandbox that reads everything and writes to the session's directory alone, where its answer goes. */
function readOnly(temporaryDir: string): readonly string[] {
  return [
    `default_permissions=${toml(PERMISSIONS)}`,
    `permissions.${PERMISSIONS}.filesystem={":root"="read",${toml(temporaryDir)}="write"}`,
  ];
}

/** A project that is not trusted has no AGENTS.md for codex; the agent itself can read it. */
function instructionsOf({ instructions }: AgentOrder): readonly string[] {
  const conventions = 'If the project has an AGENTS.md, keep to it where it does not contradict your task.';
  const text = instructions.trim() === '' ? conventions : `${instructions.trimEnd()}\n\n${conventions}`;
  return [`developer_instructions=${toml(text)}`];
}

/** A TOML basic string: as in JSON, but for DEL and half characters. */
function toml(text: string): string {
  const wellFormed = text.replace(/[\ud800-\udfff]/gu, '\ufffd');
  return JSON.stringify(wellFormed).replaceAll('\x7f', '\\u007f');
}
