import { setTimeout as pause } from 'node:timers/promises';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { findProjectRoot } from '../../edges/files/project-root.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { hasCome } from '../../engine/settle.ts';
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

const GIVEN_BACK_WITHIN_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** A run that is driven on from where it is. */
export interface GoOn {
  readonly known: KnownRun;
  readonly stateDirectory: string;
  readonly options: PipelineOptions;
  /**
   * An owner that was started for a run under way. Of two that were, the second finds the run at its end: it is left
   * so, and never taken for a failed one that somebody wants to be continued.
   */
  readonly onlyUnderWay?: boolean;
}

/**
 * Continues a run that paused, failed, waits or lost its owner; finished stages are kept. One that waits for people
 * and of which nothing was decided still waits afterwards.
 */
export function resumePipelineRun(
  input: GoOn,
  company: PipelineCompany,
): Promise<Result<SessionResult, Refusal>> {
  return driveOn(input, company, (open) => {
    const { state } = open;
    if (input.onlyUnderWay === true && hasCome(state)) return fail(over(state));
    return ok({
      ...open,
      begin: () => {
        const continued = continueRun(open, withOptions(state.settings, input.options));
        return continued.ok ? ok(continued.value.opened) : continued;
      },
    });
  });
}

/** Takes a run over and drives it on as `begin` says. Gives it back in any case. */
export async function driveOn(
  { known, stateDirectory, options, onlyUnderWay = false }: GoOn,
  company: PipelineCompany,
  begin: (open: OpenRun) => Result<RunToDrive>,
): Promise<Result<SessionResult, Refusal>> {
  const { executionId } = known.document;
  const taken = onlyUnderWay
    ? await takeSoon(stateDirectory, executionId)
    : await takeRun(stateDirectory, executionId);
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

/** Whoever only asks something of a run gives it back at once; whoever keeps it drives it. */
async function takeSoon(stateDirectory: string, executionId: string): Promise<Result<OpenRun>> {
  const deadline = systemClock.now() + GIVEN_BACK_WITHIN_MS;
  for (;;) {
    const taken = await takeRun(stateDirectory, executionId);
    if (taken.ok || taken.error.code !== 'held' || systemClock.now() >= deadline) return taken;
    await pause(LOOK_AGAIN_MS);
  }
}

function givenBack(run: HeldRun, problem: Problem): Result<never, Refusal> {
  run.release();
  return fail({ kind: 'problem', problem });
}

function over({ executionId, code }: RunState): Problem {
  return {
    code: 'finished',
    message: `run ${executionId} has come to its end meanwhile: ${code}`,
    hint: `murmur8 pipeline status ${executionId} shows it`,
  };
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
