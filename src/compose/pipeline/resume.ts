import { setTimeout as pause } from 'node:timers/promises';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { statusDocument } from '../../core/status/document.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { findProjectRoot } from '../../edges/files/project-root.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { hasCome } from '../../engine/settle.ts';
import type { KnownRun } from '../feature/find-run.ts';
import { unknownCost } from '../known-costs.ts';
import { continueRun, type OpenRun, takeRun } from '../open-run.ts';
import type { Refusal } from '../pipelines/change.ts';
import type { SessionResult } from '../session.ts';
import { misnamedStage } from '../stage-options.ts';
import { closePipelineBooks } from './books.ts';
import type { PipelineCompany } from './company.ts';
import { driveRun, type RunToDrive, type Surroundings } from './drive-run.ts';
import { type PipelineOptions, withOptions } from './options.ts';
import { probeAgents, readConfigs } from './prepare.ts';
import { readRunState } from './read-run.ts';
import { rolesOf } from './roles.ts';

const GIVEN_BACK_WITHIN_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** A run that is driven on from where it is. */
export interface GoOn {
  readonly known: KnownRun;
  readonly stateDirectory: string;
  readonly options: PipelineOptions;
  /** By a process that was started to be the owner of a run under way. */
  readonly asOwner?: boolean;
}

/**
 * Continues a run that paused, failed, waits or lost its owner; finished stages are kept. One that waits for people
 * and of which nothing was decided still waits afterwards. Of one that was done, only the books are closed. One that was taken for being under way and has failed
 * meanwhile stays as it is: nobody has seen that, let alone wants it done again.
 */
export function resumePipelineRun(
  input: GoOn,
  company: PipelineCompany,
): Promise<Result<SessionResult, Refusal>> {
  const { asOwner = false, known, options } = input;
  const { phase } = known.document;
  const begin = (open: OpenRun): Result<RunToDrive> =>
    ok({
      ...open,
      begin: () => {
        const continued = continueRun(open, withOptions(open.state.settings, options));
        return continued.ok ? ok(continued.value.opened) : continued;
      },
    });
  return driveOn(input, company, begin, { endStays: asOwner || (phase !== 'paused' && phase !== 'failed') });
}

/** True for a run that has come to its end under an owner that died before the history had it. Reads only. */
export function isEndUnrecorded(known: KnownRun): boolean {
  if (known.stored.owner.state === 'held') return false;
  const state = readRunState(known);
  return (
    state.ok && hasCome(state.value) && state.value.settings.recordHistory && !state.value.historyRecorded
  );
}

/** Takes a run over and drives it on as `begin` says, unless its end stays. Gives it back in any case. */
export async function driveOn(
  { known, stateDirectory, options, asOwner = false }: GoOn,
  company: PipelineCompany,
  begin: (open: OpenRun) => Result<RunToDrive>,
  { endStays = false }: { readonly endStays?: boolean } = {},
): Promise<Result<SessionResult, Refusal>> {
  const { executionId } = known.document;
  const taken = await (asOwner ? takeSoon : takeRun)(stateDirectory, executionId);
  if (!taken.ok) return fail({ kind: 'problem', problem: taken.error });
  const { run, state } = taken.value;
  const { warn } = company.watcher;
  if (endStays && hasCome(state)) {
    await showEnd(taken.value, stateDirectory, known, warn);
    run.release();
    return ok({ end: { kind: 'ended', state } });
  }
  const misnamed = misnamedStage(options, state.pipeline);
  if (misnamed !== undefined) return givenBack(run, misnamed);
  const toDrive = begin(taken.value);
  if (!toDrive.ok) return givenBack(run, toDrive.error);
  const surroundings = await surroundingsOf(stateDirectory, state, options);
  if (!surroundings.ok) return givenBack(run, surroundings.error);
  // Its owner died between its last event and its books.
  await closePipelineBooks({ stateDirectory, run, state, warn, publish: () => {} });
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

/** Another owner brought it to its end, and may have died before that could be seen. */
async function showEnd(
  { run, state }: OpenRun,
  stateDirectory: string,
  known: KnownRun,
  warn: (problem: Problem) => void,
): Promise<void> {
  await closePipelineBooks({ stateDirectory, run, state, warn, publish: () => {} });
  const shown = run.snapshot(statusDocument(state, known.document.status_history ?? []));
  if (!shown.ok) warn(shown.error);
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
  const { costs, approval } = configs.value;
  const untold = unknownCost({ pipeline: state.pipeline, settings, roles: roles.value, costs });
  if (untold !== undefined) return fail(untold);
  const probed = await probeAgents(settings, place, roles.value);
  if (!probed.ok) return probed;
  return ok({ place, stateDirectory, roles: roles.value, costs, approval });
}
