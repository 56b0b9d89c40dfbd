import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('./crash-at.cjs', import.meta.url));
const MOST_CHANGES = 2000;

export interface Crashing {
  /** Arguments of Node: a script and its words. */
  readonly argv: readonly string[];
  /** Only changes of files below this directory are crash points. */
  readonly under: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Before each run; makes the world anew if the runs are to start alike. */
  readonly prepare?: (point: number) => void;
}

/**
 * Runs a program again and again, killed (SIGKILL) at its first change of a file, its second and so on, half-way
 * through writes too, until a run gets to its end. `check` looks at the world after every kill.
 * Answers how many places it was killed at.
 */
export function runUntilItSurvives(crashing: Crashing, check: (point: number) => void): number {
  for (let point = 1; point <= MOST_CHANGES; point += 1) {
    crashing.prepare?.(point);
    const result = runWithRig(crashing, { MURMUR8_RIG_CRASH_AT: String(point) });
    if (result.signal === 'SIGKILL') check(point);
    else if (result.status === 0) return point - 1;
    else throw new Error(`crash point ${point}: exit ${result.status}\n${result.stderr}`);
  }
  throw new Error(`still not through after ${MOST_CHANGES} crash points`);
}

export interface Faults {
  /** Error code that changes of files throw, e.g. `ENOSPC`. */
  readonly code: string;
  /** The first change that fails, from one. */
  readonly at: number;
  /** How many fail; absent: all that follow. */
  readonly times?: number;
}

/** Runs a program once on a disk that refuses. */
export function runWithFaults(crashing: Crashing, faults: Faults) {
  return runWithRig(crashing, {
    MURMUR8_RIG_FAIL_CODE: faults.code,
    MURMUR8_RIG_FAIL_AT: String(faults.at),
    ...(faults.times === undefined ? {} : { MURMUR8_RIG_FAIL_TIMES: String(faults.times) }),
  });
}

/** Bytes and changes of one run below the directory. */
export interface Traffic {
  readonly changes: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export function measureTraffic(crashing: Crashing, reportFile: string): Traffic {
  const result = runWithRig(crashing, { MURMUR8_RIG_REPORT: reportFile });
  if (result.status !== 0) throw new Error(`exit ${result.status}\n${result.stderr}`);
  const report: Traffic = JSON.parse(readFileSync(reportFile, 'utf8'));
  return report;
}

function runWithRig({ argv, under, env }: Crashing, rig: NodeJS.ProcessEnv) {
  return spawnSync(process.execPath, ['--require', PRELOAD, ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ...env, MURMUR8_RIG_UNDER: under, ...rig },
  });
}
