import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import type { TreeWork } from './busy.ts';
import { capture } from './capture.ts';
import { markersIn } from './marker.ts';
import { newestPid } from './newest-pid.ts';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Session id; zero where the system does not tell. */
  readonly session: number;
  /** Markers in its environment; empty where the system does not tell. */
  readonly markers: readonly string[];
}

export interface ProcessTable {
  readonly entries: readonly ProcessEntry[];
  /** True if a process ended while the table was read: what it had just started may be missing. */
  readonly moved: boolean;
  /** True if a process was just changing its program, when the system shows no environment: nobody knows its markers. */
  readonly unsure: boolean;
}

/** Which processes are of interest; those left out cannot belong to what is looked for. */
export interface TableScope {
  /** Only of those that started at or after this (clock ticks after boot) is the environment read. */
  readonly since?: number;
  /** Lower process ids are not looked at. Only where ids cannot have wrapped since this one was given. */
  readonly lowestPid?: number;
  /** Processes that are known to be none of those looked for. */
  readonly isOther?: (pid: number) => boolean;
}

/** Living processes (zombies left out). With /proc also their markers; elsewhere what `ps` tells. */
export async function processTable(scope: TableScope = {}): Promise<ProcessTable> {
  return process.platform === 'linux'
    ? fromProc(scope)
    : { entries: await fromPs(), moved: true, unsure: false };
}

/** Start of a process in clock ticks after boot; undefined when it is gone or the system does not tell. */
export function startTicksOf(pid: number): number | undefined {
  const stat = readSmall(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(fieldsOf(stat)[START]);
}

/** What one process and those it has waited for used; undefined when it is gone or the system does not tell. */
export function workOf(pid: number): TreeWork | undefined {
  const stat = readSmall(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const ticks = fieldsOf(stat)
    .slice(FIRST_TIME, FIRST_TIME + 4)
    .reduce((sum, field) => sum + Number(field), 0);
  const written = /^write_bytes: (\d+)$/m.exec(readSmall(`/proc/${pid}/io`) ?? '')?.[1];
  return { cpuMs: ticks * MS_PER_TICK, writtenBytes: Number(written ?? 0) };
}

/** Read at once and without promises: a table is read after every attempt, and most of it is not ours. */
function fromProc(scope: TableScope): ProcessTable {
  const lowest = scope.lowestPid ?? 0;
  return (
    (lowest > 0 ? fromRecentIds(lowest, scope) : undefined) ??
    readEach(
      readdirSync('/proc')
        .map(Number)
        .filter((pid) => pid >= lowest),
      scope,
    )
  );
}

/** More ids than that are found faster by listing /proc. */
const MOST_IDS_TO_TRY = 64;

/**
 * Tries every id from `lowest` to the newest one, until no new one was given during the look. Undefined where that is
 * not known, or they are too many.
 */
function fromRecentIds(lowest: number, scope: TableScope): ProcessTable | undefined {
  const entries: ProcessEntry[] = [];
  let unsure = false;
  for (let next = lowest; ; ) {
    const newest = newestPid();
    if (newest === undefined || newest < next - 1 || newest - lowest >= MOST_IDS_TO_TRY) return undefined;
    if (newest < next) return { entries, moved: false, unsure };
    const given = [];
    for (; next <= newest; next += 1)
      if (scope.isOther?.(next) !== true && existsSync(`/proc/${next}`)) given.push(next);
    const read = readEach(given, scope);
    entries.push(...read.entries);
    unsure ||= read.unsure;
  }
}

function readEach(pids: readonly number[], { since = 0, isOther }: TableScope): ProcessTable {
  const entries: ProcessEntry[] = [];
  let moved = false;
  let unsure = false;
  for (const pid of pids) {
    if (isOther?.(pid) === true) continue;
    const stat = readSmall(`/proc/${pid}/stat`);
    if (stat === undefined) {
      moved = true;
      continue;
    }
    const fields = fieldsOf(stat);
    if (fields[0] === 'Z' || fields[0] === 'X') continue;
    // Another user's process cannot be read, and is none of ours.
    const environment = Number(fields[START]) < since ? undefined : readSmall(`/proc/${pid}/environ`);
    if (environment === '' && isBetweenPrograms(pid)) unsure = true;
    entries.push({
      pid,
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      markers: environment === undefined ? [] : markersIn(environment),
    });
  }
  return { entries, moved, unsure };
}

const FLAGS = 6;
/** The time of its own, then that of ended children, each in user mode and in the kernel's. */
const FIRST_TIME = 11;
/** proc(5): the same for all programs, whatever the kernel counts in. */
const MS_PER_TICK = 10;
const START = 19;
const ENVIRONMENT_END = 48;
const KERNEL_THREAD = 0x20_0000;

/**
 * During execve(2), and again on the way out, a process has memory without an environment in it. One that was started
 * with an empty environment tells where it would be.
 */
function isBetweenPrograms(pid: number): boolean {
  const stat = readSmall(`/proc/${pid}/stat`);
  if (stat === undefined) return false;
  const fields = fieldsOf(stat);
  if (fields[0] === 'Z' || fields[0] === 'X') return false;
  if ((Number(fields[FLAGS]) & KERNEL_THREAD) !== 0) return false;
  return Number(fields[ENVIRONMENT_END]) === 0 || readSmall(`/proc/${pid}/environ`) !== '';
}

/** Fields after the name, which stands in parentheses and may itself hold spaces and parentheses. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const LARGEST_READ_BYTES = 1 << 16;
let room: Buffer | undefined;

/** A file of the kernel's; undefined when it is gone or not for us. No file of /proc tells its size. */
function readSmall(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return readAll(fd);
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readAll(fd: number): string {
  room ??= Buffer.allocUnsafe(LARGEST_READ_BYTES);
  let text = '';
  for (;;) {
    const bytes = readSync(fd, room, 0, LARGEST_READ_BYTES, null);
    if (bytes === 0) return text;
    text += room.toString('latin1', 0, bytes);
  }
}

async function fromPs(): Promise<ProcessEntry[]> {
  const listed = await capture('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { cwd: '/', timeoutMs: 5_000 });
  return listed.stdout
    .toString('latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 4 && !(fields[3] ?? '').startsWith('Z'))
    .map(([pid, parent, group]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      markers: [],
    }));
}
