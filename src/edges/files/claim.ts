import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './file-problem.ts';
import { livenessOf, type Owner, thisOwner } from './owner.ts';

/** Foreign owners prove that they live by touching their claim this often, in ms. */
export const HEARTBEAT_MS = 10_000;
/** A foreign owner that has not touched its claim for this long, in ms, is taken for dead. */
export const EXPIRY_MS = 60_000;

/** A held claim. `epoch` grows with every holder, so that what an older holder still writes can be told. */
export interface Claim {
  readonly epoch: number;
  /** True if the holder before did not release it: it died. */
  readonly tookOver: boolean;
  heartbeat(): void;
  /** False once somebody else holds a higher epoch. Throws where the claim cannot be looked at any more. */
  stillHeld(): boolean;
  release(): void;
}

export type ClaimAttempt =
  | { readonly held: true; readonly claim: Claim }
  | { readonly held: false; readonly owner: Owner; readonly epoch: number };

/** Who holds a claim, as a look without a write. */
export interface ClaimState {
  readonly epoch: number;
  readonly owner: Owner | null;
  readonly state: 'free' | 'held' | 'lost';
}

/**
 * Tries to take `<directory>/<name>.<epoch>`, created exclusively and whole (spec: protocols, lease).
 * The highest epoch is never deleted, only marked as released, so no two processes can both believe
 * that they replaced a stale one.
 */
export function tryClaim(directory: string, name: string): ClaimAttempt {
  for (;;) {
    const found = lookAtClaim(directory, name);
    if (found.state === 'held' && found.owner !== null)
      return { held: false, owner: found.owner, epoch: found.epoch };
    const epoch = found.epoch + 1;
    const path = join(directory, `${name}.${epoch}`);
    if (!createWhole(path, JSON.stringify({ ...thisOwner(), released: false }))) continue;
    if (lookAtClaim(directory, name).epoch > epoch) {
      // Our listing was older than a whole life of another claim; the higher one counts, and may remove ours first.
      rmSync(path, { force: true });
      continue;
    }
    removeLower(directory, name, epoch);
    return { held: true, claim: claimAt(directory, name, epoch, found.state === 'lost') };
  }
}

/** Takes the claim, waiting for a living holder up to `timeoutMs`; undefined when it did not come free. For short critical sections. */
export function claimWithin(directory: string, name: string, timeoutMs: number): Claim | undefined {
  const deadline = Date.now() + timeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
    const attempt = tryClaim(directory, name);
    if (attempt.held) return attempt.claim;
    if (Date.now() >= deadline) return undefined;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  }
}

export function lookAtClaim(directory: string, name: string): ClaimState {
  for (;;) {
    const epoch = highest(directory, name);
    if (epoch === 0) return { epoch: 0, owner: null, state: 'free' };
    const path = join(directory, `${name}.${epoch}`);
    const record = readRecord(path);
    if (record === undefined) continue;
    if (record.released) return { epoch, owner: null, state: 'free' };
    return { epoch, owner: record.owner, state: isLost(record.owner, path) ? 'lost' : 'held' };
  }
}

function claimAt(directory: string, name: string, epoch: number, tookOver: boolean): Claim {
  const path = join(directory, `${name}.${epoch}`);
  const next = join(directory, `${name}.${epoch + 1}`);
  // Kept open, so that our own file can be told from a later one of the same name.
  let own: number | undefined;
  return {
    epoch,
    tookOver,
    heartbeat() {
      const now = new Date();
      utimesSync(path, now, now);
    },
    stillHeld() {
      if (own === undefined) {
        own = openSync(path, 'r');
        return highest(directory, name) === epoch;
      }
      // Epochs are taken one after the other and taken away from below: whoever came after us left the next name
      // there, or removed ours before that one.
      return fstatSync(own).nlink > 0 && !existsSync(next);
    },
    release() {
      if (own !== undefined) closeSync(own);
      own = undefined;
      if (highest(directory, name) !== epoch) return;
      try {
        writeFileSync(path, JSON.stringify({ ...thisOwner(), released: true }), { mode: 0o600 });
      } catch {
        // A full disk leaves it empty, which reads as released; a lost directory has no claims.
      }
    },
  };
}

function isLost(owner: Owner, path: string): boolean {
  const liveness = livenessOf(owner);
  if (liveness !== 'unknown') return liveness === 'dead';
  try {
    return Date.now() - statSync(path).mtimeMs > EXPIRY_MS;
  } catch {
    return false;
  }
}

/** A claim whose text is half-written can only be one being released: link() made it appear whole. */
function readRecord(path: string): { owner: Owner; released: boolean } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isOwner(value)) return { owner: value, released: 'released' in value && value.released === true };
  } catch {
    // Torn while being marked as released.
  }
  return { owner: thisOwner(), released: true };
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'host' in value
  );
}

function createWhole(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

function epochs(directory: string, name: string): number[] {
  const prefix = `${name}.`;
  return readdirSync(directory)
    .filter((file) => file.startsWith(prefix) && /^[0-9]+$/.test(file.slice(prefix.length)))
    .map((file) => Number(file.slice(prefix.length)));
}

function highest(directory: string, name: string): number {
  return epochs(directory, name).reduce((most, epoch) => Math.max(most, epoch), 0);
}

/** From below and without gaps, so that an older holder never finds its own claim there and the next one gone. */
function removeLower(directory: string, name: string, epoch: number): void {
  const lower = epochs(directory, name).filter((each) => each < epoch);
  for (const each of lower.sort((left, right) => left - right)) {
    try {
      unlinkSync(join(directory, `${name}.${each}`));
    } catch (error) {
      // Another holder may have removed it first.
      if (errorCode(error) !== 'ENOENT') return;
    }
  }
}
