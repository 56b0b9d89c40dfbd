import { createMasker } from '../core/agent/mask.ts';
import { ok, type Result } from '../core/result.ts';
import { createContainment } from '../edges/containment/containment.ts';
import { ignoredAmong } from '../edges/git/ignored.ts';
import { runDirectory } from '../edges/store/run-directory.ts';
import { type Contained, createContained } from '../engine/containment.ts';
import type { AgentRunner } from '../engine/ports.ts';

/** Looks after the protected files around the agents of one run. */
export function containedIn(root: string, stateDirectory: string, secrets: readonly string[]): Contained {
  return createContained(
    createContainment({
      root,
      stateDirectory,
      directoryOf: (runId) => runDirectory(stateDirectory, runId),
      mask: createMasker(secrets),
      isIgnored: (paths) => ignoredAmong(root, paths),
    }),
  );
}

/** A runner whose sessions are watched, if anybody watches. */
export function watched(contained: Contained | undefined, runner: Result<AgentRunner>): Result<AgentRunner> {
  return runner.ok && contained !== undefined ? ok(contained.runner(runner.value)) : runner;
}
