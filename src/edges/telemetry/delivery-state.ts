import type { LastDelivery } from '../../core/telemetry/telemetry-status.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';

const FORMAT_VERSION = 1;
const LARGEST_STATE = 64 * 1024;

/** Remembers how the last delivery ended. A file of a newer murmur8 stays as it is; a failure to write is not one of the delivery. */
export function writeLastDelivery(path: string, delivery: LastDelivery): void {
  try {
    const found = readState(path);
    if (found !== undefined && found.version > FORMAT_VERSION) return;
    writeFileAtomic(
      path,
      `${JSON.stringify({ version: FORMAT_VERSION, lastDelivery: delivery }, null, 2)}\n`,
    );
  } catch {
    // The delivery counts; that it cannot be remembered changes nothing for the run.
  }
}

/** How the last delivery ended; null when none is known. */
export function readLastDelivery(path: string): LastDelivery | null {
  return readState(path)?.lastDelivery ?? null;
}

function readState(path: string): { version: number; lastDelivery: LastDelivery | null } | undefined {
  const text = readTextBounded(path, LARGEST_STATE);
  if (!text.ok || text.value === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.value);
    if (typeof value !== 'object' || value === null || !('version' in value)) return undefined;
    if (typeof value.version !== 'number') return undefined;
    const last = 'lastDelivery' in value && isDelivery(value.lastDelivery) ? value.lastDelivery : null;
    return { version: value.version, lastDelivery: last };
  } catch {
    return undefined;
  }
}

function isDelivery(value: unknown): value is LastDelivery {
  if (typeof value !== 'object' || value === null) return false;
  if (!('at' in value) || typeof value.at !== 'string' || !('outcome' in value)) return false;
  if ('httpStatus' in value && typeof value.httpStatus !== 'number') return false;
  if ('error' in value && typeof value.error !== 'string') return false;
  return value.outcome === 'delivered' || value.outcome === 'failed';
}
