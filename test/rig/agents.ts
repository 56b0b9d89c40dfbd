import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The real Claude Code: MURMUR8_TEST_CLAUDE, or what scripts/install-agents.mjs installed. Says loudly why it is
 * missing, because the tests that need it are then skipped.
 */
export function claudeProgram(): string | undefined {
  const named = process.env['MURMUR8_TEST_CLAUDE'];
  if (named) return named;
  for (const variant of ['', '-musl']) {
    const name = `claude-code-${process.platform}-${process.arch}${variant}`;
    const program = join(installation(), 'node_modules', '@anthropic-ai', name, 'claude');
    if (existsSync(program)) return program;
  }
  console.warn(
    'SKIPPED: tests with the real Claude Code (not installed: run `node scripts/install-agents.mjs`)',
  );
  return undefined;
}

/** The directory that scripts/install-agents.mjs names after the lock file. */
function installation(): string {
  const lock = readFileSync(fileURLToPath(new URL('../agents/package-lock.json', import.meta.url)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'murmur8-agents', createHash('sha256').update(lock).digest('hex').slice(0, 16));
}
