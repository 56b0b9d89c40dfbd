import { fail, ok, type Result } from '../../core/result.ts';

/** A path below the project's root, in its shortest form; `.` is the root. Problem: `outside`. */
export function pathInProject(text: string, what: string): Result<string> {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (text.startsWith('/') || parts.includes('..') || text.includes('\0'))
    return fail({
      code: 'outside',
      message: `${what} ${JSON.stringify(text)} leaves the project`,
      hint: 'name a directory below the root of the project',
    });
  return ok(parts.length === 0 ? '.' : parts.join('/'));
}
