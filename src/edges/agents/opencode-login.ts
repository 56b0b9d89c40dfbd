import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunnerInfo } from '../../engine/ports.ts';
import type { Environment } from './cli-agent-definition.ts';

/**
 * Whether opencode has a login, as far as it can be told without asking a service and without reading a secret.
 * Somebody who never set it up would be given a free hosted model that they did not choose: that counts as missing.
 */
export async function opencodeLogin(env: Environment): Promise<RunnerInfo['login']> {
  const stored = join(env['XDG_DATA_HOME'] || join(env['HOME'] ?? '', '.local/share'), 'opencode/auth.json');
  const hasStored = await access(stored).then(
    () => true,
    () => false,
  );
  if (hasStored) return 'ok';
  return (await settings(env)) === '' ? 'missing' : 'unknown';
}

/** The model that the user set, as `<provider>/<model>`; undefined when they did not. */
export async function opencodeModel(env: Environment): Promise<string | undefined> {
  return /"model"\s*:\s*"([^"\s]+\/[^"\s]+)"/.exec(await settings(env))?.[1];
}

/** The user's own settings as they are written, with comments. */
async function settings(env: Environment): Promise<string> {
  const directory = join(env['XDG_CONFIG_HOME'] || join(env['HOME'] ?? '', '.config'), 'opencode');
  const named = env['OPENCODE_CONFIG'];
  const files = [
    ...(named === undefined || named === '' ? [] : [named]),
    ...['opencode.json', 'opencode.jsonc', 'config.json'].map((name) => join(directory, name)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.join('\n').trim();
}
