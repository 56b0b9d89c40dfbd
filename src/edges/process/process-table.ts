import { readdir, readFile } from 'node:fs/promises';
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

const READS_AT_ONCE = 32;

/** Living processes (zombies left out). With /proc also their markers; elsewhere what `ps` tells. */
export async function processTable(): Promise<readonly ProcessEntry[]> {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

async function fromProc(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries: ProcessEntry[] = [];
  for (let first = 0; first < pids.length; first += READS_AT_ONCE) {
    const read = await Promise.all(pids.slice(first, first + READS_AT_ONCE).map(readEntry));
    entries.push(...read.filter((entry) => entry !== undefined));
  }
  return entries;
}

async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name in parentheses may itself hold spaces and parentheses.
  const [state, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  // Another user's process cannot be read, and is none of ours.
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    markers: markersIn(environment),
  };
}

async function fromPs(): Promise<readonly ProcessEntry[]> {
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
