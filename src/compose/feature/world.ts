import type { AgentEvent } from '../../core/agent/event.ts';
import { createSecretFinder } from '../../core/agent/secret-lines.ts';
import type { AgentRole } from '../../core/agent-role.ts';
import type { CostConfig } from '../../core/config/cost-config.ts';
import type { FeedbackConfig } from '../../core/config/feedback-config.ts';
import type { Stack } from '../../core/feature/stack.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { createCommandRunner } from '../../edges/process/command-runner.ts';
import { createProjectFiles } from '../../edges/project/project-files.ts';
import { attemptPlaces, readAnswer } from '../../edges/store/attempt-places.ts';
import { runDirectory } from '../../edges/store/run-directory.ts';
import type { FeatureWorld, Person } from '../../engine/feature/world.ts';
import { createSpending } from '../../engine/spending.ts';
import { containedIn, watched } from '../containment.ts';
import { createRunner, DEFAULT_RUNNER } from '../runners.ts';
import { projectSecrets } from '../secrets.ts';
import type { Project } from './project.ts';

export interface WorldInput {
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly stack: Stack;
  readonly feedback: FeedbackConfig;
  readonly costs: CostConfig;
  readonly person: Person;
  readonly watch: (stage: string, frame: number, attempt: number, event: AgentEvent) => void;
}

/** Everything the feature pipeline asks for, over the real world. Roles are read at once, so that a missing one is known before anything starts. */
export async function createFeatureWorld(input: WorldInput): Promise<Result<FeatureWorld>> {
  const { project } = input;
  const blueprint = createBlueprint(project.root);
  const roles = new Map<string, AgentRole>();
  for (const stage of input.pipeline.stages) {
    if (stage.work.kind !== 'agent' || roles.has(stage.work.agent)) continue;
    const role = await blueprint.agent(stage.work.agent);
    if (!role.ok) return role;
    roles.set(stage.work.agent, role.value);
  }
  const guardrails = await blueprint.template('guardrails');
  if (!guardrails.ok) return guardrails;
  const dependencies = {
    env: process.env,
    secrets: projectSecrets(project.mainRoot, project.root),
    cwd: project.root,
  };
  const contained = containedIn(project.root, project.stateDirectory, dependencies.secrets);
  return ok({
    root: project.root,
    repository: project.repository,
    files: createProjectFiles(project.root),
    commands: contained.commands(createCommandRunner(dependencies)),
    clock: systemClock,
    person: input.person,
    stack: input.stack,
    feedback: input.feedback,
    costs: input.costs,
    roles,
    guardrails: guardrails.value,
    spending: createSpending(),
    defaultRunner: DEFAULT_RUNNER,
    runner: (name) => watched(contained, createRunner(name, dependencies)),
    contained,
    prompt: (name) => blueprint.prompt(name),
    places: (state, name) => attemptPlaces(runDirectory(project.stateDirectory, state.executionId), name),
    readAnswer: async (answerFile) => readAnswer(answerFile),
    secretLines: createSecretFinder(dependencies.secrets),
    watch: input.watch,
  });
}
