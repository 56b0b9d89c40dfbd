import type { ApprovalConfig } from '../core/config/approval-config.ts';
import { userName } from './requests.ts';

/** Who acts on this command line: the configured user, else `MURMUR8_USER`, else the user of the system. */
export function actingUser(config: Pick<ApprovalConfig, 'user'>): string {
  if (config.user !== null) return config.user;
  const named = process.env['MURMUR8_USER']?.trim();
  return named === undefined || named === '' ? userName() : named;
}
