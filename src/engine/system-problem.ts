import type { Problem } from '../core/problem.ts';

/** A full or broken disk is no bug: what Node throws for it becomes a problem that names the place. */
export function systemProblem(error: unknown): Problem {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) throw error;
  const file = 'path' in error && typeof error.path === 'string' ? { file: error.path } : {};
  const stack = process.env['MURMUR8_DEV'] === '1' && error.stack !== undefined ? { stack: error.stack } : {};
  return { code: 'SYS_WRITE_ERROR', message: error.message, ...file, ...stack };
}
