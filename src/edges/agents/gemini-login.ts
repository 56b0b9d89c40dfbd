import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunnerInfo } from '../../engine/ports.ts';
import type { Environment } from './cli-agent-definition.ts';

const LOGIN_VARIABLES = ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'];

/**
 * Whether Gemini CLI has a login, as far as it can be told without asking the service. No secret is read: only
 * whether there are credentials, or a way of logging in was chosen, whose key may be in a keychain or in an `.env`.
 */
export async function geminiLogin(env: Environment): Promise<RunnerInfo['login']> {
  const directory = join(env['GEMINI_CLI_HOME'] || (env['HOME'] ?? ''), '.gemini');
  const exists = (file: string) =>
    access(join(directory, file)).then(
      () => true,
      () => false,
    );
  const settings = await readFile(join(directory, 'settings.json'), 'utf8').catch(() => '');
  const isChosen = settings.includes('selectedType');
  if (LOGIN_VARIABLES.some((name) => (env[name] ?? '') !== '')) return 'ok';
  if (await exists('oauth_creds.json')) return 'ok';
  return isChosen || (await exists('.env')) ? 'unknown' : 'missing';
}
