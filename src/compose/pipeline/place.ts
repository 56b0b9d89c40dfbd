import { findWorkingTree } from '../../edges/blueprint/project-root.ts';
import { findProjectRoot } from '../../edges/files/project-root.ts';
import { gitLine } from '../../edges/git/command.ts';

/** Where the stages of a run work. All absolute. */
export interface WorkPlace {
  /** Root of the working tree around the directory; the directory itself outside of git and of any project. */
  readonly root: string;
  /** The same place in the main working tree: where `.env` and state are. */
  readonly mainRoot: string;
}

export function workPlaceOf(cwd: string): WorkPlace {
  const mainRoot = findProjectRoot(cwd) ?? cwd;
  return { root: findWorkingTree(cwd) ?? mainRoot, mainRoot };
}

/** Branch that is checked out, for hints only: a fact of a run is what somebody supplied. */
export async function checkedOutBranch(root: string): Promise<string | undefined> {
  const branch = await gitLine(['symbolic-ref', '--short', '--quiet', 'HEAD'], { cwd: root });
  return branch.ok && branch.value !== '' ? branch.value : undefined;
}
