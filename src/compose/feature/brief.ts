import { join, resolve } from 'node:path';
import { featurePaths } from '../../core/feature/paths.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { writeFileAtomic } from '../../edges/files/atomic-write.ts';
import { readBytesBounded } from '../../edges/files/bounded-read.ts';
import { fileProblem } from '../../edges/files/file-problem.ts';
import { readStandardInput } from '../../edges/files/standard-input.ts';
import type { ProjectFiles } from '../../engine/ports.ts';

const MAX_BRIEF_BYTES = 1 << 20;

/** Where a run keeps its brief: with the feature, so that it is there whenever the run goes on and is committed with it. */
export function briefPathOf(slug: string): string {
  return `${featurePaths(slug).directory}/brief.md`;
}

/** Keeps the brief with the run before its journal begins, so that no crash can part the two. */
export function keepBrief(runDirectory: string, text: string | undefined): Result<void> {
  const path = join(runDirectory, 'brief.md');
  try {
    if (text !== undefined) writeFileAtomic(path, text);
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot keep the brief'));
  }
}

/** Writes the run's brief into the project before the first attempt, and later again where it is gone. */
export async function placeBrief(
  runDirectory: string,
  state: RunState,
  files: ProjectFiles,
): Promise<Result<void>> {
  const slug = state.created.feature?.slug;
  if (slug === undefined) return ok(undefined);
  const path = briefPathOf(slug);
  if (state.metrics.attempts > 0 && (await files.exists(path))) return ok(undefined);
  const kept = readBytesBounded(join(runDirectory, 'brief.md'), MAX_BRIEF_BYTES);
  if (!kept.ok) return kept;
  return kept.value === undefined ? ok(undefined) : files.write(path, kept.value.toString('utf8'));
}

/**
 * The text of the brief: from `--brief` (a file, or `-` for standard input), else what the feature's directory holds
 * already. Undefined when there is none.
 */
export async function findBrief(
  source: string | undefined,
  cwd: string,
  files: ProjectFiles,
  slug: string,
): Promise<Result<string | undefined>> {
  if (source === undefined) return files.read(briefPathOf(slug), MAX_BRIEF_BYTES);
  const read =
    source === '-'
      ? readStandardInput(MAX_BRIEF_BYTES)
      : readBytesBounded(resolve(cwd, source), MAX_BRIEF_BYTES);
  if (!read.ok) return fail({ ...read.error, hint: 'name a text file of at most 1 MB with --brief' });
  if (read.value === undefined) return fail(refused(source, 'there is no such file'));
  return checked(read.value, source);
}

function checked(bytes: Buffer, source: string): Result<string> {
  if (bytes.includes(0)) return fail(refused(source, 'this is a binary file, not a text'));
  const text = new TextDecoder('utf-8', { fatal: true });
  try {
    const decoded = text.decode(bytes);
    return decoded.trim() === '' ? fail(refused(source, 'the brief is empty')) : ok(decoded);
  } catch {
    return fail(refused(source, 'this is not UTF-8 text'));
  }
}

function refused(source: string, message: string): Problem {
  return {
    code: 'bad-brief',
    message,
    ...(source === '-' ? {} : { file: source }),
    hint: 'write in a few lines of Markdown what the feature shall do, and name that file with --brief',
  };
}
