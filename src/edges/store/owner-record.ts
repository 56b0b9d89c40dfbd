import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { fileProblem } from '../files/file-problem.ts';

/** What a later owner of a run is started with: never the environment of whoever starts it (spec: protocols). */
export interface OwnerRecord {
  /** Absolute. */
  readonly cwd: string;
  /** Allow-listed names, and no value that looks like a secret. */
  readonly environment: Readonly<Record<string, string>>;
}

const LARGEST = 1 << 20;

/** Keeps it with the run, readable by its user alone. */
export function keepOwnerRecord(runDirectory: string, record: OwnerRecord): Result<void> {
  const path = recordPath(runDirectory);
  try {
    writeFileAtomic(path, JSON.stringify({ v: 1, ...record }), { mode: 0o600 });
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot keep the environment of the run'));
  }
}

/** Undefined where none was kept; a problem where it belongs to another user or cannot be read. */
export function readOwnerRecord(runDirectory: string): Result<OwnerRecord | undefined> {
  const path = recordPath(runDirectory);
  const text = readTextBounded(path, LARGEST);
  if (!text.ok) return text;
  if (text.value === undefined) return ok(undefined);
  if (statSync(path).uid !== process.getuid?.()) return fail(foreign(path));
  try {
    const value: unknown = JSON.parse(text.value);
    if (isRecord(value)) return ok({ cwd: value.cwd, environment: value.environment });
  } catch {
    // Said below.
  }
  return fail({ code: 'SYS_STATE_CORRUPT', message: 'does not say where the run works', file: path });
}

function recordPath(runDirectory: string): string {
  return join(runDirectory, 'owner.json');
}

function isRecord(value: unknown): value is OwnerRecord {
  if (typeof value !== 'object' || value === null) return false;
  if (!('cwd' in value) || typeof value.cwd !== 'string' || !('environment' in value)) return false;
  const { environment } = value;
  return (
    typeof environment === 'object' &&
    environment !== null &&
    Object.values(environment).every((one) => typeof one === 'string')
  );
}

function foreign(path: string): Problem {
  return {
    code: 'other-user',
    message: 'belongs to another user of this machine, whose runs only they can drive',
    file: path,
  };
}
