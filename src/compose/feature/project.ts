import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { isPrivatePath } from '../../edges/git/private-paths.ts';
import { createRepository } from '../../edges/git/repository.ts';
import { addWorktree } from '../../edges/git/worktree.ts';
import type { Repository, WorkingTreeState } from '../../engine/ports.ts';
import { chooseStateDirectory } from '../state-place.ts';

/** Where a run happens and where its state is kept. All paths absolute. */
export interface Project {
  /** Root of the working tree in which agents work. */
  readonly root: string;
  readonly mainRoot: string;
  readonly stateDirectory: string;
  readonly tree: WorkingTreeState;
  readonly repository: Repository;
  /** Set when the state could not be kept where it belongs. */
  readonly warning?: string;
}

export interface ProjectQuestion {
  readonly cwd: string;
  readonly stateDirectory?: string | undefined;
  /** Slug of the feature that gets a worktree of its own. */
  readonly worktreeFor?: string | undefined;
}

/**
 * Tasks are no part of what a run makes: other runs record their attempts in them, and people move them, while it goes
 * on. By the names that tasks have, and by the directories of their states (spec: tasks, files).
 */
const TASK_FILES: readonly string[] = [
  '**/tasks/[0-4]0-[cdir]*/*.md',
  '**/tasks/*/*task-*.md',
  '**/tasks/*/*story-*.md',
  '**/tasks/*/*epic-*.md',
];

/** Finds the repository around a directory, or opens the worktree asked for (spec: protocols, working tree and git). */
export async function openProject(question: ProjectQuestion): Promise<Result<Project>> {
  const here = await createRepository(question.cwd).state();
  if (!here.ok) return here;
  const { mainRoot } = here.value;
  const state = chooseStateDirectory({ cwd: question.cwd, asked: question.stateDirectory, mainRoot });
  if (!state.ok) return state;
  const privatePaths = [...insideOf(here.value.root, state.value.directory), ...TASK_FILES];
  let root = here.value.root;
  if (question.worktreeFor !== undefined) {
    const worktree = await addWorktree(mainRoot, question.worktreeFor);
    if (!worktree.ok) return worktree;
    root = worktree.value.path;
  }
  const repository = createRepository(root, { privatePaths });
  const isKnown =
    root === here.value.root && !here.value.dirty.some((path) => isPrivatePath(path, privatePaths));
  const tree = isKnown ? here : await repository.state();
  if (!tree.ok) return tree;
  if (tree.value.branch === null && question.worktreeFor === undefined) return fail(detached());
  return ok({
    root: tree.value.root,
    mainRoot,
    stateDirectory: state.value.directory,
    tree: tree.value,
    repository,
    ...(state.value.warning === undefined ? {} : { warning: state.value.warning }),
  });
}

/** State that lies inside the working tree under a name of the user's choice is kept out of checkpoints and commits. */
function insideOf(root: string, stateDirectory: string): readonly string[] {
  const prefix = `${root}/`;
  if (!stateDirectory.startsWith(prefix)) return [];
  const relative = stateDirectory.slice(prefix.length);
  return relative === '.claude' ? [] : [relative];
}

function detached(): Problem {
  return {
    code: 'detached-head',
    message: 'HEAD is detached: a commit made here would belong to no branch',
    hint: 'check out a branch, or add --worktree to run on feature/<slug>',
  };
}
