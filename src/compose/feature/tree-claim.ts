import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory, writeFileAtomic } from '../../edges/files/atomic-write.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import { tryClaim } from '../../edges/files/claim.ts';
import { fileProblem } from '../../edges/files/file-problem.ts';

/** One run per working tree: held from before the first look at its files until the run ends. */
export function claimWorkingTree(
  stateDirectory: string,
  root: string,
  slug: string,
): Result<{ release(): void }> {
  const directory = join(stateDirectory, 'runs', '.trees');
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  try {
    makePrivateDirectory(directory);
    const attempt = tryClaim(directory, name);
    if (attempt.held) {
      writeFileAtomic(join(directory, `${name}.slug`), slug);
      return ok({ release: () => attempt.claim.release() });
    }
    const other = readTextBounded(join(directory, `${name}.slug`), 1_000);
    const who = other.ok && other.value !== undefined ? other.value : 'another feature';
    return fail({
      code: 'tree-busy',
      message: `process ${attempt.owner.pid} on ${attempt.owner.host} is already running ${who} in this working tree`,
      file: root,
      hint: 'wait for it, or add --worktree to run this feature in a working tree of its own',
    });
  } catch (error) {
    return fail(fileProblem(error, directory, 'cannot claim the working tree'));
  }
}
