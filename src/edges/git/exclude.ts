import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { fileProblem } from '../files/file-problem.ts';
import { askGit } from './command.ts';
import { locate } from './location.ts';

/**
 * Makes git ignore a directory at the root of the main working tree, unless it does already. The rule stands in the
 * repository's own `info/exclude`, so that no file of the project changes.
 *
 * @param directory with forward slashes and one at its end, such as `.worktrees/`
 */
export async function ensureExcluded(mainRoot: string, directory: string): Promise<Result<void>> {
  const asked = await askGit(['check-ignore', '-q', '--no-index', '--', directory], { cwd: mainRoot });
  if (!asked.ok) return asked;
  if (asked.value.exitCode === 0) return ok(undefined);
  const place = await locate(mainRoot);
  if (!place.ok) return place;
  const file = join(place.value.commonDir, 'info', 'exclude');
  const text = readTextBounded(file, 4 * 1024 * 1024);
  if (!text.ok) return text;
  const before = text.value ?? '';
  try {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}/${directory}\n`);
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, file, 'cannot write'));
  }
}
