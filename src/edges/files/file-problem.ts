import type { Problem } from '../../core/problem.ts';

const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'check the permissions of this path, or choose another state directory with --state-dir',
  EPERM: 'check the permissions of this path, or choose another state directory with --state-dir',
  EROFS: 'the file system is read-only; choose another state directory with --state-dir',
  ENOSPC: 'the disk is full; free some space and run the same command again',
  EDQUOT: 'the disk quota is used up; free some space and run the same command again',
  EISDIR: 'a directory stands where a file is expected; move it away',
  ENOTDIR: 'a file stands where a directory is expected; move it away',
  EMFILE: 'too many files are open; raise the limit with ulimit -n',
  ELOOP: 'symbolic links point at each other; remove one of them',
};

/** A failed file operation as a problem that names the path and the next step. `doing` is e.g. `cannot write`. */
export function fileProblem(error: unknown, path: string, doing: string): Problem {
  const code = errorCode(error);
  const hint = HINTS[code];
  const reason =
    error instanceof Error
      ? error.message.replace(/^E[A-Z]+: /, '').replace(/, \w+ '.*$/s, '')
      : String(error);
  return {
    code: 'SYS_WRITE_ERROR',
    message: `${doing}: ${reason}${code === '' ? '' : ` (${code})`}`,
    file: path,
    ...(hint === undefined ? {} : { hint }),
    ...stackOf(error),
  };
}

/** For a developer of this program only. */
function stackOf(error: unknown): Pick<Problem, 'stack'> {
  const isWanted = process.env['MURMUR8_DEV'] === '1';
  return isWanted && error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
}

/** The `code` of a system error, or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
