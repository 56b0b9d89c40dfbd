import { type AgentRole, modelOfRole, type RunnerOrder, runnerOrder } from '../core/agent-role.ts';
import type { Job, Stage } from '../core/pipeline/definition.ts';
import type { RunState } from '../core/run/state.ts';

/** The role of an agent's work. They are loaded before anything starts, so a missing one is a bug. */
export function roleOf(world: { readonly roles: ReadonlyMap<string, AgentRole> }, work: Job): AgentRole {
  const role = work.kind === 'agent' ? world.roles.get(work.agent) : undefined;
  if (role === undefined)
    throw new Error(`no role was loaded for ${work.kind === 'agent' ? work.agent : work.run}`);
  return role;
}

/**
 * Who may execute the agent's work, in the order in which they are tried: as the run was asked for, else as the role
 * says. Never empty.
 */
export function runnersOf(
  world: { readonly defaultRunner: string },
  state: Pick<RunState, 'settings'>,
  role: AgentRole,
): RunnerOrder {
  return runnerOrder(state.settings, role, world.defaultRunner);
}

/** The first of them. */
export function runnerNameOf(
  world: { readonly defaultRunner: string },
  state: Pick<RunState, 'settings'>,
  role: AgentRole,
): string {
  return runnersOf(world, state, role)[0];
}

/**
 * The model of a stage with one of its runners. A name that is given to the run or the stage is in the naming of the
 * first one, that of a role in the naming of the role's; the others have their own default. What `--model auto` chose
 * holds for the runner it was chosen for, and gives way to a model that is asked for by name.
 */
export function stageModelOf(
  world: { readonly defaultRunner: string },
  state: Pick<RunState, 'settings'>,
  stage: Pick<Stage, 'name' | 'work'>,
  role: AgentRole,
  runner: string = runnerNameOf(world, state, role),
): string | undefined {
  const { model, modelChoices = [] } = state.settings;
  const first = runnerNameOf(world, state, role);
  const chosen = modelChoices.find((one) => one.stage === stage.name && one.runner === runner)?.model;
  const ofStage = stage.work.kind === 'agent' ? stage.work.model : undefined;
  const ofRole = modelOfRole(role, runner, first);
  return runner === first ? (model ?? chosen ?? ofStage ?? ofRole) : (chosen ?? ofRole);
}

/** An object with the key, or without it where the value is undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
