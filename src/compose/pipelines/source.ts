import { isAbsolute, relative, resolve } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readBytesBounded } from '../../edges/files/bounded-read.ts';
import { readStandardInput } from '../../edges/files/standard-input.ts';

/** More than the reader of definitions takes, so that it is the one to say how large one may be. */
const LARGEST = 64 << 20;

/** A text, and what it is called in messages. */
export interface Source {
  readonly text: string;
  readonly file: string;
}

/** The definition in a file as typed, or on standard input for `-`. Code `no-file` when there is none. */
export function readSource(cwd: string, path: string): Result<Source> {
  const file = path === '-' ? 'standard input' : path;
  const bytes = path === '-' ? readStandardInput(LARGEST) : readBytesBounded(resolve(cwd, path), LARGEST);
  if (!bytes.ok) return fail({ ...bytes.error, file });
  if (bytes.value === undefined) return fail(noFile(path));
  try {
    return ok({ text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.value), file });
  } catch {
    return fail({
      code: 'bad-text',
      message: 'the file is no text in UTF-8',
      file,
      hint: 'save it as UTF-8, or check that it is the right file',
    });
  }
}

/** A path as it is shown: relative where that is shorter to read. */
export function shownPath(cwd: string, path: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}

function noFile(path: string): Problem {
  return {
    code: 'no-file',
    message: 'there is no such file',
    file: path,
    hint: 'murmur8 pipeline init --list names pipelines to begin with',
  };
}
