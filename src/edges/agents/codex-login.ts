import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunnerInfo } from '../../engine/ports.ts';
import type { Environment } from './cli-agent-definition.ts';

/** Where codex keeps its settings and its login. */
export function codexHome(env: Environment): string {
  const named = env['CODEX_HOME'];
  return named === undefined || named === '' ? join(env['HOME'] ?? '', '.codex') : named;
}

/** Whether `codex login` left a login in this directory. */
export function hasStoredLogin(home: string): boolean {
  return existsSync(join(home, 'auth.json'));
}

/**
 * Whether codex has a login, as far as it can be told without asking the service. No secret is read: only whether a
 * stored login is there. A service of the user's own may want no key at all.
 */
export async function codexLogin(env: Environment): Promise<RunnerInfo['login']> {
  const isSet = (name: string) => (env[name] ?? '') !== '';
  if (['CODEX_API_KEY', 'CODEX_ACCESS_TOKEN', 'OPENAI_API_KEY'].some(isSet)) return 'ok';
  const home = codexHome(env);
  if (hasStoredLogin(home)) return 'ok';
  if (isSet('OPENAI_BASE_URL')) return 'unknown';
  const settings = await readFile(join(home, 'config.toml'), 'utf8').catch(() => '');
  const elsewhere = /^\s*(?:model_provider|oss_provider|cli_auth_credentials_store)\s*=/m;
  return elsewhere.test(settings) ? 'unknown' : 'missing';
}
