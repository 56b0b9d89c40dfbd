type Environment = Readonly<Record<string, string | undefined>>;

/** Beginnings of the variables of a model service: its keys, its endpoints, its settings. */
const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['ANTHROPIC_'],
  openai: ['OPENAI_'],
  google: ['GEMINI_', 'GOOGLE_'],
  openrouter: ['OPENROUTER_'],
  mistral: ['MISTRAL_'],
  groq: ['GROQ_'],
  deepseek: ['DEEPSEEK_'],
  xai: ['XAI_'],
  azure: ['AZURE_'],
  'amazon-bedrock': ['AWS_'],
};

/** What each agent calls its own, and the services that it is made for. */
const AGENTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^claude/, ['CLAUDE_', 'ANTHROPIC_']],
  [/^codex/, ['CODEX_', 'OPENAI_']],
  [/^gemini/, ['GEMINI_', 'GOOGLE_']],
  [/^opencode/, ['OPENCODE_']],
  [/^copilot/, ['COPILOT_']],
  [/^qwen/, ['QWEN_', 'DASHSCOPE_']],
  [/^goose/, ['GOOSE_']],
  [/^cursor/, ['CURSOR_']],
  [/^kimi/, ['KIMI_', 'MOONSHOT_']],
  [/^(?:vibe|mistral)/, ['VIBE_', 'MISTRAL_']],
];

/**
 * The user's variables that an agent gets besides the common ones: its own and those of its model service, known by
 * the agent's name; with a model that is named `<service>/<model>`, also those of that service. Nobody else's key.
 */
export function providerVariables(
  env: Environment,
  agent: string,
  model: string | undefined,
): Record<string, string> {
  const own = AGENTS.find(([pattern]) => pattern.test(agent))?.[1] ?? [];
  const service = model?.includes('/') === true ? (PROVIDERS[model.slice(0, model.indexOf('/'))] ?? []) : [];
  const prefixes = [...own, ...service];
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && prefixes.some((prefix) => name.startsWith(prefix))) passed[name] = value;
  }
  return passed;
}

/** Programs that only start another one, which is the next word that is no option. */
const LAUNCHERS = new Set([
  'npx',
  'npm',
  'exec',
  'bunx',
  'pnpm',
  'dlx',
  'yarn',
  'node',
  'bun',
  'env',
  'nice',
  'timeout',
]);

/** The agent that a command line starts: `npx -y @scope/claude-agent-acp@1.2.3` starts `claude-agent-acp`. */
export function agentName(words: readonly string[]): string {
  const word = words.find((candidate) => {
    const isSetting = candidate.startsWith('-') || /^\w+=/.test(candidate) || /^\d+$/.test(candidate);
    return !isSetting && !LAUNCHERS.has(candidate.split('/').at(-1) ?? '');
  });
  return (word?.split('/').at(-1) ?? '').replace(/@.*$/, '').toLowerCase();
}
