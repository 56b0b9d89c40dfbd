/**
 * Somebody who has an agent on their PATH, and whose home holds all that it has to know: where the (scripted) model
 * service is, and the key. Nothing else has to be in the environment, so that it also works for a process that was
 * started by somebody else, such as a daemon or a frame.
 *
 *     const user = createAgentUser('codex', program, model.url);
 *     await murmur8(['implement-feature', …, '--runner', 'codex'], { cwd, env: user.env });
 *     user.remove();
 *
 * For the feature pipeline, and a new model for each start, see `agentProject` in feature-script-project.ts.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AgentName } from './agents.ts';
import { MACHINE } from './cli.ts';

/** The key that stands in the files of the user's home. */
export const USER_KEY = 'helper-key-7c9e6679f3a1b2d4';

/** The model that is set in these files. Codex knows its name and therefore offers its tool for patches. */
export const USER_MODEL: Readonly<Record<Exclude<AgentName, 'claude'>, string>> = {
  codex: 'gpt-5.5',
  gemini: 'gemini-2.5-pro',
  opencode: 'scripted/m1',
};

export interface AgentUser {
  /** Stands in the environment of every process that is started for them. */
  readonly home: string;
  /** HOME, and a PATH on which the agent is. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/** `modelUrl`: that of the model server's session. */
export function createAgentUser(name: AgentName, program: string, modelUrl: string): AgentUser {
  const home = mkdtempSync(join(tmpdir(), `murmur8-${name}-user-`));
  writeSettings(name, home, modelUrl, USER_KEY);
  const programs = join(home, 'bin');
  mkdirSync(programs);
  symlinkSync(program, join(programs, name));
  return {
    home,
    env: { HOME: home, PATH: `${programs}:${MACHINE['PATH'] ?? ''}` },
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  };
}

/** The variable that holds a key which no file holds. That of opencode is only known to the settings below. */
export const KEY_VARIABLE: Readonly<Record<AgentName, string>> = {
  claude: 'ANTHROPIC_API_KEY',
  codex: 'OPENAI_API_KEY',
  gemini: 'GEMINI_API_KEY',
  opencode: 'OPENCODE_SCRIPTED_KEY',
};

/** The agent's own files in a home, anew for each service; without a key, it will be in the agent's variable. */
export function writeSettings(name: AgentName, home: string, modelUrl: string, key?: string): void {
  for (const [path, content] of Object.entries(SETTINGS[name](modelUrl, key))) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    writeFileSync(join(home, path), text, { mode: 0o600 });
  }
}

type Files = Readonly<Record<string, unknown>>;

const SETTINGS: Readonly<Record<AgentName, (modelUrl: string, key: string | undefined) => Files>> = {
  claude: (modelUrl, key) => ({
    '.claude/settings.json': {
      ...(key === undefined ? {} : { apiKeyHelper: `echo ${key}` }),
      env: { ANTHROPIC_BASE_URL: modelUrl, CLAUDE_CODE_MAX_RETRIES: '0' },
    },
  }),
  codex: (modelUrl, key) => ({
    ...(key === undefined ? {} : { '.codex/auth.json': { auth_mode: 'apikey', OPENAI_API_KEY: key } }),
    '.codex/config.toml': `model = "${USER_MODEL.codex}"
model_provider = "scripted"
check_for_update_on_startup = false

[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
${key === undefined ? `env_key = "${KEY_VARIABLE.codex}"` : 'requires_openai_auth = true'}
request_max_retries = 0
stream_max_retries = 0

[analytics]
enabled = false

[features]
plugins = false
apps = false
remote_plugin = false
unbounded_connection_retries = false
`,
  }),
  gemini: (modelUrl, key) => ({
    // An .env of the project takes its place, key and address and all.
    '.gemini/.env': [
      `GOOGLE_GEMINI_BASE_URL=${modelUrl}`,
      ...(key === undefined ? [] : [`GEMINI_API_KEY=${key}`]),
      '',
    ].join('\n'),
    '.gemini/settings.json': {
      security: { auth: { selectedType: 'gemini-api-key' } },
      model: { name: USER_MODEL.gemini },
      general: { disableAutoUpdate: true, maxAttempts: 1 },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    },
  }),
  opencode: (modelUrl, key) => ({
    // It would fetch a package for its plugins at the first start.
    '.npmrc': 'offline=true\n',
    ...(key === undefined ? {} : { '.local/share/opencode/auth.json': { scripted: { type: 'api', key } } }),
    '.config/opencode/opencode.json': {
      $schema: 'https://opencode.ai/config.json',
      autoupdate: false,
      share: 'disabled',
      model: USER_MODEL.opencode,
      small_model: USER_MODEL.opencode,
      provider: {
        scripted: {
          npm: '@ai-sdk/openai-compatible',
          name: 'scripted',
          options: {
            baseURL: `${modelUrl}/v1`,
            ...(key === undefined ? { apiKey: `{env:${KEY_VARIABLE.opencode}}` } : {}),
          },
          models: {
            m1: {
              name: 'm1',
              tool_call: true,
              // Dollars for a million tokens.
              cost: { input: 1, output: 2, cache_read: 0.1 },
              limit: { context: 100_000, output: 8000 },
            },
          },
        },
      },
    },
  }),
};
