import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { placeOfJsonError, type TextPlace } from '../files/json-place.ts';

/** Version of the form that this program writes. */
const VERSION = 1;
const LARGEST = 16 << 20;

/** One registered pipeline, with the columns of the seed's `pipelines`; the definition lies in a file beside it. */
export interface RegistryRecord {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** ISO 8601, UTC; so is the next one. */
  readonly created_at: string;
  readonly updated_at: string;
  /** Counts the definitions that were registered under this name, from one. */
  readonly revision: number;
  /** SHA-256 of the definition's text, in hex. */
  readonly hash: string;
}

export interface RegistryIndex {
  readonly records: readonly RegistryRecord[];
  /** Written by a newer murmur8: it is read as far as it is understood, and not written. */
  readonly newer: boolean;
}

export function indexPath(directory: string): string {
  return join(directory, 'registry.json');
}

/** What is registered; nothing where there is no file. A damaged one is a problem that names the place. */
export function readIndex(directory: string): Result<RegistryIndex> {
  const path = indexPath(directory);
  const text = readTextBounded(path, LARGEST);
  if (!text.ok) return text;
  if (text.value === undefined) return ok({ records: [], newer: false });
  const place = placeOfJsonError(text.value);
  if (place !== undefined) return fail(damaged(path, 'is no valid JSON here', place));
  const value: unknown = JSON.parse(text.value);
  if (!isObject(value) || typeof value['v'] !== 'number' || !Array.isArray(value['pipelines']))
    return fail(
      damaged(path, 'must hold an object with "v" and the list "pipelines"', { line: 1, column: 1 }),
    );
  const names = new Set<string>();
  const records: RegistryRecord[] = [];
  for (const [index, entry] of value['pipelines'].entries()) {
    if (!isRecord(entry)) return fail(damaged(path, `pipelines[${index}] is no whole entry`));
    if (names.has(entry.name))
      return fail(damaged(path, `pipelines[${index}] repeats the name ${entry.name}`));
    names.add(entry.name);
    records.push(entry);
  }
  return ok({ records, newer: value['v'] > VERSION });
}

/** Replaces the file, atomic and durable: with its rename a change has happened. Throws the system's error. */
export function writeIndex(directory: string, records: readonly RegistryRecord[]): void {
  const ordered = [...records].sort((left, right) => (left.name < right.name ? -1 : 1));
  const text = `${JSON.stringify({ v: VERSION, pipelines: ordered }, null, 2)}\n`;
  writeFileAtomic(indexPath(directory), text, { durable: true });
}

export function newerFormat(directory: string): Problem {
  return {
    code: 'newer-format',
    message: `was written by a newer murmur8 (form above ${VERSION}) and is not overwritten`,
    file: indexPath(directory),
    hint: 'use that murmur8, or move the file away',
  };
}

/** A name of a pipeline, which is also safe as a name of a file (spec: pipelines 1). */
export function isPipelineName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,62}$/.test(name);
}

function isRecord(value: unknown): value is RegistryRecord {
  return (
    isObject(value) &&
    ['id', 'created_at', 'updated_at', 'hash'].every((key) => typeof value[key] === 'string') &&
    typeof value['name'] === 'string' &&
    isPipelineName(value['name']) &&
    typeof value['enabled'] === 'boolean' &&
    Number.isInteger(value['revision'])
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(path: string, message: string, place?: TextPlace): Problem {
  return {
    code: 'registry-damaged',
    message,
    file: path,
    ...place,
    hint: 'mend it, or move it away and register the files beside it anew with murmur8 pipeline create <file>',
  };
}
