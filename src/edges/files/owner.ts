import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identity of a process that survives the reuse of its pid. Fields that the platform does not tell are null. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly pidNamespace: string | null;
  /** Clock ticks after boot at which the process started. */
  readonly startTime: string | null;
  readonly bootId: string | null;
}

/** This process. */
export function thisOwner(): Owner {
  own ??= {
    host: hostname(),
    pid: process.pid,
    pidNamespace: linkOrNull('/proc/self/ns/pid'),
    startTime: startTimeOf(process.pid),
    bootId: textOrNull('/proc/sys/kernel/random/boot_id'),
  };
  return own;
}
let own: Owner | undefined;

/**
 * `alive` and `dead` are certain; `unknown` is an owner on another host or in another pid namespace,
 * of whom only a heartbeat can tell. That a pid is not found there never means dead.
 */
export function livenessOf(owner: Owner): 'alive' | 'dead' | 'unknown' {
  const self = thisOwner();
  if (owner.host !== self.host || owner.pidNamespace !== self.pidNamespace) return 'unknown';
  if (owner.bootId !== self.bootId) return 'dead';
  if (owner.startTime !== null) return startTimeOf(owner.pid) === owner.startTime ? 'alive' : 'dead';
  return signalReaches(owner.pid) ? 'alive' : 'dead';
}

/** Field 22 of /proc/PID/stat; null when there is no such process (or it is a zombie) or no /proc. */
export function startTimeOf(pid: number): string | null {
  const stat = textOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function textOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function linkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
