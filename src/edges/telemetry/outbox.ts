import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { RunData } from '../../core/telemetry/run-data.ts';
import { makePrivateDirectory, syncDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { setAside } from '../files/set-aside.ts';

const FORMAT_VERSION = 1;
const LARGEST_ENTRY = 256 * 1024 * 1024;

/**
 * Makes an ended run durable before anything is sent: `<runId>.json`, 0600, artifacts as plain text, so that the
 * run's own process spends nothing on compression (spec: protocols, telemetry outbox). Throws the system's error.
 */
export function writeToOutbox(outbox: string, data: RunData): string {
  makePrivateDirectory(outbox);
  const path = join(outbox, `${data.runId.replace(/[^A-Za-z0-9_-]/g, '_')}.json`);
  writeFileAtomic(path, JSON.stringify({ version: FORMAT_VERSION, data }), { durable: true });
  return path;
}

/** Paths of the runs that wait, the one that was written first in name order first. */
export function listOutbox(outbox: string): string[] {
  let names: string[];
  try {
    names = readdirSync(outbox);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(outbox, name));
}

/**
 * The run in an outbox file. Undefined when it cannot be read now (also when a newer murmur8 wrote it); a damaged
 * file is set aside.
 */
export function readFromOutbox(path: string): RunData | undefined {
  const text = readTextBounded(path, LARGEST_ENTRY);
  if (!text.ok || text.value === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch {
    value = undefined;
  }
  if (isEntry(value)) return value.version === FORMAT_VERSION ? value.data : undefined;
  setAside(path);
  return undefined;
}

export function removeFromOutbox(path: string): void {
  try {
    unlinkSync(path);
    syncDirectory(join(path, '..'));
  } catch {
    // Then it is sent once more; receivers know it by its runId.
  }
}

function isEntry(value: unknown): value is { version: number; data: RunData } {
  if (typeof value !== 'object' || value === null) return false;
  if (!('version' in value) || typeof value.version !== 'number' || !('data' in value)) return false;
  const { data } = value;
  return typeof data === 'object' && data !== null && 'runId' in data && typeof data.runId === 'string';
}
