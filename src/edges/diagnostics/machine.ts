import { release } from 'node:os';
import type { MachineFacts } from '../../core/diagnostic/facts.ts';

/** What this process runs on. */
export function machineFacts(): MachineFacts {
  return {
    murmur8: process.env['MURMUR8_VERSION'] ?? 'dev',
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    osRelease: release(),
  };
}

/** Names of the variables of this process, in order, without their values. */
export function environmentNames(): readonly string[] {
  return Object.keys(process.env).sort();
}
