import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory, writeFully } from '../files/atomic-write.ts';
import { errorCode } from '../files/file-problem.ts';
import { type Source, slice } from './source.ts';

/**
 * An append in flight, durable before the history file is touched (spec: protocols, history file).
 * Everything from `offset` to the end of the file was `old` and becomes `replacement`, which is never shorter.
 */
export interface PendingAppend {
  readonly offset: number;
  readonly old: Buffer;
  readonly replacement: Buffer;
  /** Checksum of the bytes before `offset`: tells whether this is still the same file. */
  readonly before: number;
}

/**
 * How a file relates to a pending append: it is all there, it has to be written (again), or somebody else
 * has rewritten the file since.
 */
export type PendingState = 'done' | 'redo' | 'foreign';

const CONTEXT_BYTES = 256;
const CLEARED = Buffer.from('-');

export function pendingAppend(source: Source, offset: number, replacement: Buffer): PendingAppend {
  const old = slice(source, offset, source.size);
  return { offset, old, replacement, before: contextSum(source, offset) };
}

/** Makes the record durable. The file is kept between appends: rewriting allocated blocks is the cheapest sync. */
export function writePending(path: string, pending: PendingAppend): void {
  const { fd, created } = openOrCreate(path);
  try {
    writeFully(fd, encode(pending), 0);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (!created) return;
  syncDirectory(dirname(path));
  syncDirectory(dirname(dirname(path)));
}

/** Marks the record as dealt with: one byte and no sync, as finding it again is harmless. */
export function clearPending(path: string): void {
  const fd = openSync(path, 'r+', 0o600);
  try {
    writeSync(fd, CLEARED, 0, 1, 0);
  } finally {
    closeSync(fd);
  }
}

/** The record, or undefined if there is none, it is cleared, or it was torn (then the file was not yet touched). */
export function readPending(path: string): PendingAppend | undefined {
  if (!existsSync(path)) return undefined; // The usual case; an exception costs more than all of a short read.
  try {
    return decode(readFileSync(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function pendingState(pending: PendingAppend, source: Source): PendingState {
  const { offset, old, replacement } = pending;
  const length = source.size - offset;
  if (length < old.length || length > replacement.length) return 'foreign';
  if (contextSum(source, offset) !== pending.before) return 'foreign';
  const now = slice(source, offset, source.size);
  if (now.equals(replacement)) return 'done';
  return now.every((byte, at) => byte === replacement[at] || byte === old[at] || byte === 0)
    ? 'redo'
    : 'foreign';
}

function encode({ offset, old, replacement, before }: PendingAppend): Buffer {
  const sum = checksum(replacement, checksum(old));
  const header = { v: 1, offset, old: old.length, new: replacement.length, before, sum };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), old, replacement]);
}

function decode(bytes: Buffer): PendingAppend | undefined {
  const headerEnd = bytes.indexOf(0x0a);
  if (bytes[0] !== 0x7b || headerEnd === -1) return undefined;
  const header = headerFrom(bytes.toString('latin1', 0, headerEnd));
  if (header === undefined) return undefined;
  const middle = headerEnd + 1 + header.old;
  const old = bytes.subarray(headerEnd + 1, middle);
  const replacement = bytes.subarray(middle, middle + header.new);
  if (replacement.length !== header.new || checksum(replacement, checksum(old)) !== header.sum)
    return undefined;
  return { offset: header.offset, old, replacement, before: header.before };
}

interface Header {
  readonly offset: number;
  readonly old: number;
  readonly new: number;
  readonly before: number;
  readonly sum: number;
}

function headerFrom(text: string): Header | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const numbers = new Map<string, unknown>(Object.entries(value));
  const [offset, old, replacement, before, sum] = ['offset', 'old', 'new', 'before', 'sum'].map((key) =>
    numbers.get(key),
  );
  if (numbers.get('v') !== 1 || !isCount(offset) || !isCount(old) || !isCount(replacement)) return undefined;
  if (!isCount(before) || !isCount(sum)) return undefined;
  return { offset, old, new: replacement, before, sum };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function contextSum(source: Source, offset: number): number {
  return checksum(slice(source, Math.max(0, offset - CONTEXT_BYTES), offset));
}

/** FNV-1a, 32 bits: finds torn writes, which is all that it is for. */
function checksum(bytes: Uint8Array, seed = 0x811c9dc5): number {
  let sum = seed;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}

function openOrCreate(path: string): { fd: number; created: boolean } {
  try {
    return { fd: openSync(path, 'r+'), created: false };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return { fd: openSync(path, 'w', 0o600), created: true };
  }
}
