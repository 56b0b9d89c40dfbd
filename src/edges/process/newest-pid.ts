import { openSync, readFileSync, readlinkSync, readSync, statfsSync } from 'node:fs';

const PROC_FILE_SYSTEM = 0x9fa0;
const LARGEST_BYTES = 128;

const line = Buffer.alloc(LARGEST_BYTES);
let source: number | null | undefined;

/**
 * Id of the process (or thread) that was started last; ids are given in rising order until they wrap. Undefined where
 * the system does not tell: without /proc, with one of another process id namespace, or where a container shows a
 * stand-in whose figures may be late.
 */
export function newestPid(): number | undefined {
  source ??= open();
  if (source === null) return undefined;
  try {
    const text = line.toString('latin1', 0, readSync(source, line, 0, LARGEST_BYTES, 0)).trimEnd();
    const newest = Number(text.slice(text.lastIndexOf(' ') + 1));
    return Number.isInteger(newest) && newest > 0 ? newest : undefined;
  } catch {
    return undefined;
  }
}

/** Kept open for good: the kernel writes it anew for every reader that begins at its start. */
function open(): number | null {
  try {
    if (readlinkSync('/proc/self') !== String(process.pid)) return null;
    if (statfsSync('/proc/loadavg').type !== PROC_FILE_SYSTEM) return null;
    return openSync('/proc/loadavg', 'r');
  } catch {
    return null;
  }
}

/** No machine starts more processes and threads in a millisecond. */
const MOST_IDS_IN_A_MS = 100;
const NEVER_LONGER_MS = 10_000;
let idsLastMs: number | undefined;

/** Whether process ids cannot have wrapped around, up to an id given `ageMs` ago, however busy the machine is. */
export function idsCannotHaveWrapped(ageMs: number): boolean {
  idsLastMs ??= Math.min(NEVER_LONGER_MS, mostIds() / MOST_IDS_IN_A_MS);
  return ageMs < idsLastMs;
}

function mostIds(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/pid_max', 'latin1'));
  } catch {
    return 0;
  }
}
