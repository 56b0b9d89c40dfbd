import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { canWriteInto } from '../../edges/files/writable.ts';
import { createRepository } from '../../edges/git/repository.ts';
import { addWorktree } from '../../edges/git/worktree.ts';
import type { Repository, WorkingTreeState } from '../../engine/ports.ts';

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

/** Finds the repository around a directory, or opens the worktree asked for (spec: protocols, working tree and git). */
export async function openProject(question: ProjectQuestion): Promise<Result<Project>> {
  const here = await createRepository(question.cwd).state();
  if (!here.ok) return here;
  const { mainRoot } = here.value;
  const state = chooseStateDirectory(question, mainRoot);
  if (!state.ok) return state;
  const privatePaths = insideOf(here.value.root, state.value.directory);
  let root = here.value.root;
  if (question.worktreeFor !== undefined) {
    const worktree = await addWorktree(mainRoot, question.worktreeFor);
    if (!worktree.ok) return worktree;
    root = worktree.value.path;
  }
  const repository = createRepository(root, { privatePaths });
  const tree = root === here.value.root && privatePaths.length === 0 ? here : await repository.state();
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

function chooseStateDirectory(
  question: ProjectQuestion,
  mainRoot: string,
): Result<{ directory: string; warning?: string }> {
  const asked = question.stateDirectory ?? process.env['MURMUR8_STATE_DIR'];
  const directory =
    asked === undefined || asked === '' ? join(mainRoot, '.claude') : resolve(question.cwd, asked);
  const writable = canWriteInto(join(directory, 'runs'));
  if (writable.ok) return ok({ directory });
  if (asked !== undefined && asked !== '') return writable;
  const fallback = join(
    userStateDirectory(),
    createHash('sha256').update(mainRoot).digest('hex').slice(0, 16),
  );
  const second = canWriteInto(join(fallback, 'runs'));
  if (!second.ok) return writable;
  return ok({
    directory: fallback,
    warning: `${directory} cannot be written (${writable.error.message}); this run's state is kept in ${fallback}`,
  });
}

/** XDG state directory; a relative value is ignored, as the standard says. */
function userStateDirectory(): string {
  const asked = process.env['XDG_STATE_HOME'];
  const base = asked !== undefined && isAbsolute(asked) ? asked : join(homedir(), '.local', 'state');
  return join(base, 'murmur8');
}

function detached(): Problem {
  return {
    code: 'detached-head',
    message: 'HEAD is detached: a commit made here would belong to no branch',
    hint: 'check out a branch, or add --worktree to run on feature/<slug>',
  };
}
