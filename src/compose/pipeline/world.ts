import type { AgentEvent } from '../../core/agent/event.ts';
import { createMasker } from '../../core/agent/mask.ts';
import type { AgentRole } from '../../core/agent-role.ts';
import type { CostConfig } from '../../core/config/cost-config.ts';
import { ok, type Result } from '../../core/result.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';
import { sha256 } from '../../edges/clock/digest.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { checkedOutCommit } from '../../edges/git/head.ts';
import { createCommandRunner } from '../../edges/process/command-runner.ts';
import { findFiles, isProjectDirectory } from '../../edges/project/find-files.ts';
import { makeProjectDirectory } from '../../edges/project/make-directory.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { attemptPlaces, outputFileOf, readOutputs } from '../../edges/store/attempt-places.ts';
import { runDirectory } from '../../edges/store/run-directory.ts';
import type { PipelineWorld } from '../../engine/pipeline/world.ts';
import { createSpending } from '../../engine/spending.ts';
import { containedIn, watched } from '../containment.ts';
import { createRunner, DEFAULT_RUNNER } from '../runners.ts';
import { projectSecrets } from '../secrets.ts';
import { notifyApprovers } from './notify-approvers.ts';
import type { WorkPlace } from './place.ts';

export interface WorldInput {
  readonly place: WorkPlace;
  readonly stateDirectory: string;
  readonly roles: ReadonlyMap<string, AgentRole>;
  readonly costs: CostConfig;
  readonly defaultApprovers: readonly string[];
  readonly person: PipelineWorld['person'];
  readonly watch: (stage: string, frame: number, attempt: number, event: AgentEvent) => void;
}

/** Everything a YAML pipeline asks for, over the real world. */
export async function createPipelineWorld(input: WorldInput): Promise<Result<PipelineWorld>> {
  const { root, mainRoot } = input.place;
  const blueprint = createBlueprint(root);
  // Rules and prompts are for agents; a pipeline of commands opens no file for them.
  const guardrails = input.roles.size === 0 ? ok('') : await blueprint.template('guardrails');
  if (!guardrails.ok) return guardrails;
  const secrets = projectSecrets(mainRoot, root);
  const dependencies = { env: process.env, secrets, cwd: root };
  const commands = createCommandRunner(dependencies);
  // Whose stages are all its author's own is not watched.
  const contained = input.roles.size === 0 ? undefined : containedIn(root, input.stateDirectory, secrets);
  const files = createProjectFiles(root);
  const mask = createMasker(secrets);
  const directoryOf = (executionId: string) => runDirectory(input.stateDirectory, executionId);
  return ok({
    root,
    commands: contained?.commands(commands) ?? commands,
    clock: systemClock,
    digest: sha256,
    costs: input.costs,
    person: input.person,
    runner: (name) => watched(contained, createRunner(name, dependencies)),
    ...(contained === undefined ? {} : { contained }),
    roles: input.roles,
    spending: createSpending(),
    defaultRunner: DEFAULT_RUNNER,
    prompt: (name) => blueprint.prompt(name),
    guardrails: guardrails.value,
    places: (state, name, kind) =>
      attemptPlaces(directoryOf(state.executionId), name, kind === 'command' ? 'shared' : 'own'),
    outputFileOf: (state, name) => outputFileOf(directoryOf(state.executionId), name),
    readLeft: async (file) => readOutputs(file),
    readFile: (path) => files.read(path),
    find: async (globs, directory, limit) => findFiles(root, globs, directory, limit),
    isDirectory: async (path) => isProjectDirectory(root, path),
    makeDirectory: async (path) => makeProjectDirectory(root, path),
    head: async () => ok(await checkedOutCommit(root)),
    defaultApprovers: input.defaultApprovers,
    mask,
    notify: async (state, approval) =>
      notifyApprovers({ stateDirectory: input.stateDirectory, projectRoot: mainRoot, state, approval }),
    watch: input.watch,
  });
}
