import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readBytesBounded } from '../files/bounded-read.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';
import { formatManifest, MANIFEST_PATH, type Manifest, readManifest } from './manifest.ts';
import type { InstalledPackage } from './package-root.ts';
import { readShippedFiles, type ShippedFile, sha256 } from './shipped-files.ts';

/**
 * - `created`: was not there. `updated`: was as installed and is now the new one. `unchanged`: is the shipped one.
 * - `kept`: the user edited it; nothing newer is shipped, or this is `init`, which overwrites nothing.
 * - `outdated`: as an older version installed it; `update` would refresh it.
 * - `offered`: the user edited it and a newer one is shipped, which now stands beside it as `.new`.
 * - `removed`: the user deleted it, and `update` leaves it so. `obsolete`: no longer shipped, left in place.
 */
export type InstallAction =
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'kept'
  | 'outdated'
  | 'offered'
  | 'removed'
  | 'obsolete';

export interface InstalledFile {
  /** Relative to the project. */
  readonly path: string;
  readonly action: InstallAction;
  /** With `offered`: where the shipped one was put, relative to the project. */
  readonly beside?: string;
}

export interface InstallOrder {
  readonly projectRoot: string;
  readonly package: InstalledPackage;
  readonly mode: 'init' | 'update';
  /** Decides everything and writes nothing. */
  readonly dryRun: boolean;
}

/** Brings the shipped files into a project. Doing it again changes nothing; a user's file is never overwritten. */
export function installShippedFiles(order: InstallOrder): Result<readonly InstalledFile[]> {
  const shipped = readShippedFiles(order.package.root);
  if (!shipped.ok) return shipped;
  const manifest = readManifest(order.projectRoot);
  if (!manifest.ok) return manifest;
  const known: Readonly<Record<string, string>> = manifest.value?.files ?? {};
  const steps: Step[] = [];
  for (const file of shipped.value) {
    const current = currentHash(join(order.projectRoot, file.path));
    if (!current.ok) return current;
    steps.push(decide(file, current.value, known[file.path], order.mode));
  }
  const obsolete = obsoleteFiles(order.projectRoot, known, shipped.value);
  if (!order.dryRun) {
    const written = writeAll(order, steps, known, manifest.value);
    if (!written.ok) return written;
  }
  return ok([...steps.map(reportOf), ...obsolete]);
}

interface Step {
  readonly file: ShippedFile;
  readonly action: InstallAction;
  /** Path to write the shipped content to. */
  readonly write?: string;
  /** What the manifest says of the file afterwards. */
  readonly record?: string;
}

/** `current`: hash of the user's file, null if there is none. `installed`: what the manifest says. */
function decide(
  file: ShippedFile,
  current: string | null,
  installed: string | undefined,
  mode: InstallOrder['mode'],
): Step {
  const unknown = installed === undefined;
  const record = unknown ? {} : { record: installed };
  if (current === null) {
    if (mode === 'update' && !unknown) return { file, action: 'removed', ...record };
    return { file, action: 'created', write: file.path, record: file.sha256 };
  }
  if (current === file.sha256) return { file, action: 'unchanged', record: file.sha256 };
  if (mode === 'init') return { file, action: current === installed ? 'outdated' : 'kept', ...record };
  if (current === installed) return { file, action: 'updated', write: file.path, record: file.sha256 };
  if (installed === file.sha256) return { file, action: 'kept', ...record };
  // Recorded as known from now on, so that the same offer is not made again once the user has merged it.
  return { file, action: 'offered', write: `${file.path}.new`, record: file.sha256 };
}

function reportOf(step: Step): InstalledFile {
  const beside = step.action === 'offered' ? { beside: `${step.file.path}.new` } : {};
  return { path: step.file.path, action: step.action, ...beside };
}

/** A link counts as edited: replacing it would cut what the user set up, writing through it would change another place. */
function currentHash(path: string): Result<string | null> {
  try {
    if (lstatSync(path).isSymbolicLink()) return ok('link');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ok(null);
    return fail(installProblem(error, path, 'cannot read'));
  }
  const read = readBytesBounded(path, 64 * 1024 * 1024);
  if (!read.ok) return read;
  return ok(read.value === undefined ? null : sha256(read.value));
}

function obsoleteFiles(
  projectRoot: string,
  known: Readonly<Record<string, string>>,
  shipped: readonly ShippedFile[],
): InstalledFile[] {
  const current = new Set(shipped.map((file) => file.path));
  return Object.keys(known)
    .filter((path) => !current.has(path))
    .filter((path) => lstatSync(join(projectRoot, path), { throwIfNoEntry: false }) !== undefined)
    .map((path) => ({ path, action: 'obsolete' }));
}

function writeAll(
  order: InstallOrder,
  steps: readonly Step[],
  known: Readonly<Record<string, string>>,
  previous: Manifest | undefined,
): Result<void> {
  for (const step of steps) {
    if (step.write === undefined) continue;
    const written = put(join(order.projectRoot, step.write), step.file.content);
    if (!written.ok) return written;
  }
  const recorded = steps.flatMap((step) =>
    step.record === undefined ? [] : [[step.file.path, step.record]],
  );
  const manifest = formatManifest({
    // After `init` over an older installation some files are still of that version.
    version: order.mode === 'init' && previous !== undefined ? previous.version : order.package.version,
    files: { ...known, ...Object.fromEntries(recorded) },
  });
  if (previous !== undefined && manifest === formatManifest(previous)) return ok(undefined);
  return put(join(order.projectRoot, MANIFEST_PATH), manifest);
}

function put(path: string, content: string | Uint8Array): Result<void> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic(path, content, { mode: 0o644 });
    return ok(undefined);
  } catch (error) {
    return fail(installProblem(error, path, 'cannot write'));
  }
}

/** A failed file operation, with the step that helps in a project (it has no other place to go to). */
export function installProblem(error: unknown, path: string, doing: string): Problem {
  const problem = fileProblem(error, path, doing);
  if (!['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error))) return problem;
  return { ...problem, hint: 'make the project writable for you, then run the same command again' };
}
