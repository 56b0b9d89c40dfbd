import type { AgentRole } from '../../core/agent-role.ts';
import type { ApprovalConfig } from '../../core/config/approval-config.ts';
import type { CostConfig } from '../../core/config/cost-config.ts';
import type { Problem } from '../../core/problem.ts';
import { ok, type Result } from '../../core/result.ts';
import { isApprovalEvent } from '../../core/run/audit.ts';
import type { RunEvent } from '../../core/run/event.ts';
import { expectLittleCode } from '../../edges/process/little-code.ts';
import { createPipelineWork } from '../../engine/pipeline/pipeline-work.ts';
import { answerWaiting, type OpenRun, record } from '../open-run.ts';
import { projectSecrets } from '../secrets.ts';
import { driveSession, type Publish, type SessionResult, type Watcher } from '../session.ts';
import { closePipelineBooks } from './books.ts';
import type { PipelineCompany } from './company.ts';
import { notifyOfDecisions } from './notify-approvers.ts';
import type { WorkPlace } from './place.ts';
import { defaultApproversOf } from './prepare.ts';
import { takeTurn } from './turn.ts';
import { createPipelineWorld } from './world.ts';

/** What stages find in the world, besides the run itself. */
export interface Surroundings {
  readonly place: WorkPlace;
  readonly stateDirectory: string;
  readonly roles: ReadonlyMap<string, AgentRole>;
  readonly costs: CostConfig;
  readonly approval: ApprovalConfig;
}

/** A run that is owned here, and how it begins or goes on once it is its turn. */
export interface RunToDrive extends OpenRun {
  readonly begin: () => Result<readonly RunEvent[]>;
}

/** Drives a run that this process owns to its end or its next stop, and gives it back. */
export async function driveRun(
  open: RunToDrive,
  surroundings: Surroundings,
  company: PipelineCompany,
): Promise<Result<SessionResult>> {
  const { run, state } = open;
  const { stateDirectory } = surroundings;
  const { watcher, person, onSignal } = company;
  expectLittleCode();
  try {
    const world = await createPipelineWorld({
      ...surroundings,
      defaultApprovers: defaultApproversOf(surroundings.approval),
      person,
      watch: watcher.agent,
    });
    if (!world.ok) return world;
    const { warn } = watcher;
    return ok(
      await driveSession({
        stateDirectory,
        run,
        state,
        opened: open.opened,
        work: world.value.contained?.work(createPipelineWork(world.value)) ?? createPipelineWork(world.value),
        secrets: projectSecrets(surroundings.place.mainRoot, surroundings.place.root),
        watcher: telling(watcher, stateDirectory, surroundings.place.mainRoot),
        onSignal,
        before: (publish, stopped) => {
          company.owned?.();
          return beginInTurn(open, stateDirectory, company, publish, stopped);
        },
        atEnd: async (publish) => closePipelineBooks({ stateDirectory, run, state, warn, publish }),
      }),
    );
  } finally {
    run.release();
  }
}

/** Whoever watches, and the channels that want to know how approvals went. */
function telling(watcher: Watcher, stateDirectory: string, projectRoot: string): Watcher {
  return {
    ...watcher,
    events(events, state) {
      if (events.some(isApprovalEvent)) {
        const told = notifyOfDecisions({ stateDirectory, projectRoot, state }, events);
        if (!told.ok) watcher.warn(told.error);
      }
      watcher.events(events, state);
    },
  };
}

/**
 * The run begins when it is its turn. One that is asked to stop, or asked something, while it is queued begins as
 * well, and is answered before anything else: it then ends or pauses without a stage having been started.
 */
async function beginInTurn(
  open: RunToDrive,
  stateDirectory: string,
  { queued }: PipelineCompany,
  publish: Publish,
  stopped: Promise<void>,
): Promise<Problem | undefined> {
  const { run, state } = open;
  const begin = (): Result<void> => {
    const begun = open.begin();
    if (!begun.ok) return begun;
    if (begun.value.length > 0) publish(begun.value);
    return ok(undefined);
  };
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  const isAsked = (): boolean => run.requests().some(({ kind }) => kind === 'cancel' || kind === 'pause');
  const turn = await takeTurn({ stateDirectory, state, begin, stopped, isAsked, queued });
  if (!turn.ok) return turn.error;
  if (turn.value === 'begun') return undefined;
  const begun = begin();
  if (!begun.ok) return begun.error;
  const then = isStopped
    ? record(run, state.runId, state, [{ type: 'stop.requested', code: 'USER_INTERRUPT' }])
    : answerWaiting({ run, state, opened: [] });
  if (!then.ok) return then.error;
  publish(then.value.opened);
  return undefined;
}
