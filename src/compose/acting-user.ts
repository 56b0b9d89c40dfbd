import type { ApprovalConfig } from '../core/config/approval-config.ts';
import { readConfig } from '../edges/config/config-file.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';
import { userName } from './requests.ts';

/** Who acts on this command line: the configured user, else `MURMUR8_USER`, else the user of the system. */
export function actingUser(config: Pick<ApprovalConfig, 'user'>): string {
  if (config.user !== null) return config.user;
  const named = process.env['MURMUR8_USER']?.trim();
  return named === undefined || named === '' ? userName() : named;
}

/** The same for a command that has not read the configuration; a damaged one is told of by whatever decides by it. */
export function actorHere(cwd: string, stateDirectoryOption: string | undefined): string {
  const config = readConfig(stateDirectory(cwd, stateDirectoryOption), 'approval');
  return actingUser(config.ok ? config.value : { user: null });
}
