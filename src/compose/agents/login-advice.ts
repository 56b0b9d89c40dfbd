const ADVICE: Readonly<Record<string, string>> = {
  claude: 'start `claude` once and log in there, or set ANTHROPIC_API_KEY',
  codex: 'run `codex login`, or set CODEX_API_KEY or OPENAI_API_KEY',
  gemini: 'start `gemini` once and choose how to log in there, or set GEMINI_API_KEY',
  opencode: 'run `opencode auth login`, or set up a provider and a model in opencode.json',
};

/** How somebody logs in to the agent of a runner, as a clause. */
export function loginAdvice(runner: string): string {
  const known = ADVICE[runner];
  if (known !== undefined) return known;
  if (runner.startsWith('acp:'))
    return 'start the agent once by hand and log in there; a key that it needs is let through by MURMUR8_PASS_ENV';
  return 'give the command its key; MURMUR8_PASS_ENV names the variables that are let through';
}
