import { gitLine } from './command.ts';

/** Who works here and where the project lives, as far as git knows. */
export interface GitIdentity {
  readonly name?: string;
  readonly email?: string;
  /** Without user names, passwords and tokens. */
  readonly remoteUrl?: string;
}

/** Reads the configured identity and the remote `origin`, or the first remote. */
export async function readIdentity(cwd: string): Promise<GitIdentity> {
  const [name, email, remoteUrl] = await Promise.all([
    setting(cwd, 'user.name'),
    setting(cwd, 'user.email'),
    remote(cwd),
  ]);
  return {
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(remoteUrl === undefined ? {} : { remoteUrl: withoutCredentials(remoteUrl) }),
  };
}

/** Takes what may authenticate out of an address: user and password, and the query of web addresses. */
export function withoutCredentials(url: string): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is.exec(url);
  // `git@host:path` names an account, not a secret.
  if (parts === null) return url;
  const [, scheme = '', authority = '', rest = ''] = parts;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const user = at < 0 ? '' : (authority.slice(0, at).split(':')[0] ?? '');
  const ssh = /ssh/i.test(scheme);
  const path = ssh ? rest : rest.replace(/[?#].*$/s, '');
  return `${scheme}://${ssh && user !== '' ? `${user}@` : ''}${host}${path}`;
}

async function setting(cwd: string, key: string): Promise<string | undefined> {
  const line = await gitLine(['config', '--get', key], { cwd });
  return line.ok && line.value ? line.value : undefined;
}

async function remote(cwd: string): Promise<string | undefined> {
  const origin = await setting(cwd, 'remote.origin.url');
  if (origin !== undefined) return origin;
  const names = await gitLine(['remote'], { cwd });
  const first = names.ok ? names.value?.split('\n')[0] : undefined;
  return first ? setting(cwd, `remote.${first}.url`) : undefined;
}
