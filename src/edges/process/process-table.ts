import { readdirSync, readFileSync } from 'node:fs';
import { capture } from './capture.ts';
import { markersIn } from './marker.ts';

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
}

/** Which processes are of interest; those left out cannot belong to what is looked for. */
export interface TableScope {
  /** Only of those that started at or after this (clock ticks after boot) is the environment read. */
  readonly since?: number;
  /** Lower process ids are not looked at. */
  readonly lowestPid?: number;
}

/** Living processes (zombies left out). With /proc also their markers; elsewhere what `ps` tells. */
export async function processTable(scope: TableScope = {}): Promise<ProcessTable> {
  return process.platform === 'linux' ? fromProc(scope) : { entries: await fromPs(), moved: true };
}

/** Id of the process that was started last, as far as the system tells; ids are given in rising order until they wrap. */
export function newestPid(): number | undefined {
  const newest = readSmall('/proc/loadavg')?.trim().split(' ').at(-1);
  return newest === undefined ? undefined : Number(newest);
}

/** Start of a process in clock ticks after boot; undefined when it is gone or the system does not tell. */
export function startTicksOf(pid: number): number | undefined {
  const stat = readSmall(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(fieldsOf(stat)[START]);
}

/** Read at once and without promises: a table is read after every attempt, and most of it is not ours. */
function fromProc({ since = 0, lowestPid = 0 }: TableScope): ProcessTable {
  const entries: ProcessEntry[] = [];
  let moved = false;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) < lowestPid) continue;
    const stat = readSmall(`/proc/${name}/stat`);
    if (stat === undefined) {
      moved = true;
      continue;
    }
    const fields = fieldsOf(stat);
    if (fields[0] === 'Z' || fields[0] === 'X') continue;
    // Another user's process cannot be read, and is none of ours.
    const environment = Number(fields[START]) < since ? undefined : readSmall(`/proc/${name}/environ`);
    entries.push({
      pid: Number(name),
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      markers: environment === undefined ? [] : markersIn(environment),
    });
  }
  return { entries, moved };
}

const START = 19;

/** Fields after the name, which stands in parentheses and may itself hold spaces and parentheses. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readSmall(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
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
