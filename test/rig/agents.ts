/**
 * Where the real agents are. A test asks once, at its top, and skips itself loudly without the program:
 *
 *     const program = agentProgram('codex');
 *     describe.skipIf(program === undefined)('the real codex', () => { … });
 *
 * `node scripts/install-agents.mjs` installs all of them, `… codex` only one. MURMUR8_TEST_CODEX (CLAUDE, GEMINI,
 * OPENCODE) names another program instead.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type AgentName = 'claude' | 'codex' | 'gemini' | 'opencode';

export const AGENT_NAMES: readonly AgentName[] = ['claude', 'codex', 'gemini', 'opencode'];

/** Absolute path of the program; undefined, said once on standard error, when the agent is not installed. */
export function agentProgram(name: AgentName): string | undefined {
  const named = process.env[`MURMUR8_TEST_${name.toUpperCase()}`];
  if (named) return named;
  const directory = installation(name);
  const place = join(directory, 'program');
  if (existsSync(place)) return join(directory, readFileSync(place, 'utf8'));
  console.warn(
    `SKIPPED: tests with the real ${name} (not installed: run \`node scripts/install-agents.mjs ${name}\`)`,
  );
  return undefined;
}

/** The real Claude Code. */
export function claudeProgram(): string | undefined {
  return agentProgram('claude');
}

/** The directory that scripts/install-agents.mjs names after the lock file. */
function installation(name: AgentName): string {
  const lock = readFileSync(fileURLToPath(new URL(`../agents/${name}/package-lock.json`, import.meta.url)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  return join(cache, 'murmur8-agents', `${name}-${hash}`);
}
