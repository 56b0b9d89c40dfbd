import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { findProjectRoot } from '../../edges/files/project-root.ts';
import type { HeldRun } from '../../engine/ports.ts';
import type { KnownRun } from '../feature/find-run.ts';
import { continueRun, type OpenRun, takeRun } from '../open-run.ts';
import type { Refusal } from '../pipelines/change.ts';
import type { SessionResult } from '../session.ts';
import { closePipelineBooks } from './books.ts';
import type { PipelineCompany } from './company.ts';
import { driveRun, type RunToDrive, type Surroundings } from './drive-run.ts';
import { type PipelineOptions, withOptions } from './options.ts';
import { probeAgents, readConfigs } from './prepare.ts';
import { rolesOf } from './roles.ts';

/** A run that is driven on from where it is. */
export interface GoOn {
  readonly known: KnownRun;
  readonly stateDirectory: string;
  readonly options: PipelineOptions;
}

/**
 * Continues a run that paused, failed, waits or lost its owner; finished stages are kept. One that waits for people
 * and of which nothing was decided still waits afterwards.
 */
export function resumePipelineRun(
  input: GoOn,
  company: PipelineCompany,
): Promise<Result<SessionResult, Refusal>> {
  return driveOn(input, company, (open) =>
    ok({
      ...open,
      begin: () => {
        const continued = continueRun(open, withOptions(open.state.settings, input.options));
        return continued.ok ? ok(continued.value.opened) : continued;
      },
    }),
  );
}

/** Takes a run over and drives it on as `begin` says. Gives it back in any case. */
export async function driveOn(
  { known, stateDirectory, options }: GoOn,
  company: PipelineCompany,
  begin: (open: OpenRun) => Result<RunToDrive>,
): Promise<Result<SessionResult, Refusal>> {
  const taken = await takeRun(stateDirectory, known.document.executionId);
  if (!taken.ok) return fail({ kind: 'problem', problem: taken.error });
  const { run, state } = taken.value;
  const { warn } = company.watcher;
  const toDrive = begin(taken.value);
  if (!toDrive.ok) return givenBack(run, toDrive.error);
  const surroundings = await surroundingsOf(stateDirectory, state, options);
  if (!surroundings.ok) return givenBack(run, surroundings.error);
  // Its owner died between its last event and its books.
  closePipelineBooks({ stateDirectory, run, state, warn, publish: () => {} });
  const driven = await driveRun(toDrive.value, surroundings.value, company);
  return driven.ok ? ok(driven.value) : fail({ kind: 'problem', problem: driven.error });
}

function givenBack(run: HeldRun, problem: Problem): Result<never, Refusal> {
  run.release();
  return fail({ kind: 'problem', problem });
}

async function surroundingsOf(
  stateDirectory: string,
  state: RunState,
  options: PipelineOptions,
): Promise<Result<Surroundings>> {
  const root = state.created.workingTree;
  const place = { root, mainRoot: findProjectRoot(root) ?? root };
  const configs = readConfigs(stateDirectory);
  if (!configs.ok) return configs;
  const roles = await rolesOf(state.pipeline, root);
  if (!roles.ok) return roles;
  const settings = withOptions(state.settings, options);
  const probed = await probeAgents(settings.runner, settings.limits, place, roles.value);
  if (!probed.ok) return probed;
  const { costs, approval } = configs.value;
  return ok({ place, stateDirectory, roles: roles.value, costs, approval });
}
