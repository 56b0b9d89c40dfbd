import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunnerInfo } from '../../engine/ports.ts';

const LOGIN_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
];

/**
 * Whether Claude Code has a login, as far as it can be told without asking the service. No secret is read: only
 * whether a credentials file is there, or a helper is set up. On macOS the keychain may hold one.
 */
export async function claudeLogin(
  env: Readonly<Record<string, string | undefined>>,
): Promise<RunnerInfo['login']> {
  if (LOGIN_VARIABLES.some((name) => (env[name] ?? '') !== '')) return 'ok';
  const home = env['HOME'] ?? '';
  const directory = env['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude');
  const stored = await access(join(directory, '.credentials.json')).then(
    () => true,
    () => false,
  );
  if (stored) return 'ok';
  const settings = await readFile(join(directory, 'settings.json'), 'utf8').catch(() => '');
  return settings.includes('apiKeyHelper') || process.platform === 'darwin' ? 'unknown' : 'missing';
}
