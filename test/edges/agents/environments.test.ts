import { expect, it } from 'vitest';
import { acpEnvironment } from '../../../src/edges/agents/acp-environment.ts';
import { claudeDefinition } from '../../../src/edges/agents/claude.ts';
import { codexDefinition } from '../../../src/edges/agents/codex.ts';
import { geminiDefinition } from '../../../src/edges/agents/gemini.ts';
import { opencodeDefinition } from '../../../src/edges/agents/opencode.ts';
import { childEnvironment } from '../../../src/edges/process/child-environment.ts';
import type { AgentOrder } from '../../../src/engine/ports.ts';

const ORDER: AgentOrder = {
  runId: 'run',
  attempt: 1,
  agent: 'alex',
  instructions: '',
  prompt: '',
  cwd: '/project',
  timeoutMs: 1,
  stallTimeoutMs: 1,
  answerFile: '/run/answer.json',
  logFile: '/run/log',
  scratchDir: '/run/scratch',
  homeDir: '/run/home',
  job: {
    kind: 'work',
    stage: 'alex',
    slug: 'x',
    featureId: 'y',
    briefPath: 'brief.md',
    findings: [],
    withStories: true,
  },
};

/** One key of everybody: model services, clouds, tools, this program. The value says whose it is. */
const KEYS: Readonly<Record<string, string>> = {
  ANTHROPIC_API_KEY: 'anthropic',
  ANTHROPIC_AUTH_TOKEN: 'anthropic',
  CLAUDE_CODE_OAUTH_TOKEN: 'anthropic',
  OPENAI_API_KEY: 'openai',
  CODEX_API_KEY: 'openai',
  GEMINI_API_KEY: 'google',
  GOOGLE_API_KEY: 'google',
  GOOGLE_APPLICATION_CREDENTIALS: 'google',
  OPENROUTER_API_KEY: 'openrouter',
  MISTRAL_API_KEY: 'mistral',
  GROQ_API_KEY: 'groq',
  DEEPSEEK_API_KEY: 'deepseek',
  XAI_API_KEY: 'xai',
  AZURE_OPENAI_API_KEY: 'azure',
  AWS_SECRET_ACCESS_KEY: 'amazon',
  AWS_BEARER_TOKEN_BEDROCK: 'amazon',
  DASHSCOPE_API_KEY: 'qwen',
  MOONSHOT_API_KEY: 'kimi',
  CURSOR_API_KEY: 'cursor',
  GITHUB_TOKEN: 'none',
  NPM_TOKEN: 'none',
  SSH_AUTH_SOCK: 'none',
  DATABASE_URL: 'none',
  MURMUR8_TELEMETRY_KEY: 'none',
  OTEL_EXPORTER_OTLP_HEADERS: 'none',
};

const ENV = { PATH: '/bin', HOME: '/home/somebody', ...KEYS };

const definitions = {
  claude: claudeDefinition,
  codex: codexDefinition,
  gemini: geminiDefinition,
  opencode: opencodeDefinition,
};

it.each([
  ['claude', undefined, 'anthropic'],
  ['codex', undefined, 'openai'],
  ['gemini', undefined, 'google'],
  ['opencode', 'anthropic/claude-x', 'anthropic'],
  ['opencode', 'openai/gpt-x', 'openai'],
  ['opencode', 'google/gemini-x', 'google'],
  ['acp:claude-agent-acp', undefined, 'anthropic'],
  ['acp:codex-acp', undefined, 'openai'],
  ['acp:gemini', undefined, 'google'],
  ['acp:qwen', undefined, 'qwen'],
  ['acp:an-agent-that-nobody-knows', undefined, ''],
  ['acp:an-agent-that-nobody-knows', 'mistral/large', 'mistral'],
  ['command', undefined, ''],
] as const)(
  '%s with the model %s gets the keys of its own service and of nobody else',
  async (runner, model, whose) => {
    for (const isolated of [true, false]) {
      const environment = await environmentOf(runner, model, isolated);
      const got = Object.values(environment).filter((value) => Object.values(KEYS).includes(value));
      expect([...new Set(got)]).toEqual(whose === '' ? [] : [whose]);
      expect(environment).toMatchObject({ PATH: '/bin', HOME: '/home/somebody' });
    }
  },
);

async function environmentOf(
  runner: string,
  model: string | undefined,
  isolated: boolean,
): Promise<Readonly<Record<string, string>>> {
  const order = model === undefined ? ORDER : { ...ORDER, model };
  if (runner === 'command') return childEnvironment(ENV, {});
  if (runner.startsWith('acp:')) {
    const agent = runner.slice('acp:'.length);
    return acpEnvironment(ENV, agent, order, { temporaryDir: '/tmp/x', directory: '/tmp/y' });
  }
  const definition = definitions[runner as keyof typeof definitions];
  return definition.environment({ order, program: '/bin/x', temporaryDir: '/tmp/x', env: ENV, isolated });
}
