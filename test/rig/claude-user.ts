import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MACHINE } from './cli.ts';

/** The key that the user's own helper gives to Claude Code. */
export const HELPER_KEY = 'helper-key-7c9e6679f3a1b2d4';

/** Somebody who has Claude Code on the PATH, and all that it has to know in their home. */
export interface ClaudeUser {
  /** Stands in the environment of every process that is started for them. */
  readonly home: string;
  /** Besides this, nothing has to be set: also a process that was started by somebody else finds the login. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/** `modelUrl`: where their model service answers. */
export function createClaudeUser(program: string, modelUrl: string): ClaudeUser {
  const home = mkdtempSync(join(tmpdir(), 'murmur8-claude-user-'));
  const programs = join(home, 'bin');
  mkdirSync(programs);
  symlinkSync(program, join(programs, 'claude'));
  mkdirSync(join(home, '.claude'));
  const settings = {
    apiKeyHelper: `echo ${HELPER_KEY}`,
    env: { ANTHROPIC_BASE_URL: modelUrl, CLAUDE_CODE_MAX_RETRIES: '0' },
  };
  writeFileSync(join(home, '.claude/settings.json'), JSON.stringify(settings));
  return {
    home,
    env: { HOME: home, PATH: `${programs}:${MACHINE['PATH'] ?? ''}` },
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
  };
}
