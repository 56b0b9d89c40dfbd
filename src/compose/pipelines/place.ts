import { findWorkingTree } from '../../edges/blueprint/project-root.ts';
import { findProjectRoot } from '../../edges/files/project-root.ts';
import { stateDirectory } from '../../edges/files/state-directory.ts';
import { createRegistry, type Registry } from '../../edges/registry/registry.ts';

/** Where a command about pipelines was typed, and where state lies. */
export interface Place {
  /** Absolute. */
  readonly cwd: string;
  /** Root of the working tree, whose agents count: absolute, the same as `cwd` outside of any project. */
  readonly root: string;
  /** Absolute; nothing is created. */
  readonly stateDirectory: string;
}

/** `stateDirOption` is `--state-dir` as given. */
export function placeOf(cwd: string, stateDirOption: string | undefined): Place {
  return {
    cwd,
    root: findWorkingTree(cwd) ?? findProjectRoot(cwd) ?? cwd,
    stateDirectory: stateDirectory(cwd, stateDirOption),
  };
}

export function registryOf(place: Place): Registry {
  return createRegistry(place.stateDirectory);
}
