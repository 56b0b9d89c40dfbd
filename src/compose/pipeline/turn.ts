import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { makePrivateDirectory } from '../../edges/files/atomic-write.ts';
import { claimWithin } from '../../edges/files/claim.ts';
import { fileProblem } from '../../edges/files/file-problem.ts';
import { cancelRun } from '../cancel.ts';
import { type KnownRun, knownRuns } from '../feature/find-run.ts';

const LOOK_AGAIN_MS = 250;
const LONGEST_LOCK_MS = 30_000;

export interface TurnInput {
  readonly stateDirectory: string;
  readonly state: RunState;
  /** Begins the run, visibly for readers; called once, with the lock of the groups held. */
  readonly begin: () => Result<void>;
  /** Resolves when somebody wants it to stop. */
  readonly stopped: Promise<void>;
  /** True when somebody left a request with it. */
  readonly isAsked: () => boolean;
  /** Told once for each run that it waits for. */
  readonly queued: (behind: string) => void;
}

/**
 * Lets a run begin, or go on, once no other one of its group is under way (spec: pipelines 1, concurrency); the older
 * ones are ended first where the pipeline says so. Whose turn it is is decided under a lock, so that no two begin
 * together. `interrupted`: it has not begun, because somebody wants it to stop or asks something of it.
 */
export async function takeTurn(input: TurnInput): Promise<Result<'begun' | 'interrupted'>> {
  const group = input.state.created.concurrencyGroup;
  if (group === undefined) {
    const begun = input.begin();
    return begun.ok ? ok('begun') : begun;
  }
  let stop = false;
  void input.stopped.then(() => {
    stop = true;
  });
  let told: string | undefined;
  const asked = new Set<string>();
  for (;;) {
    if (stop || input.isAsked()) return ok('interrupted');
    const blockers = beginIfFree(input, group);
    if (!blockers.ok) return blockers;
    const [first] = blockers.value;
    if (first === undefined) return ok('begun');
    const { executionId } = first.document;
    if (told !== executionId) input.queued(executionId);
    told = executionId;
    if (input.state.pipeline.concurrency?.cancelInProgress === true) {
      const ended = await endOlder(input, blockers.value, asked);
      if (!ended.ok) return ended;
    }
    await Promise.race([pause(LOOK_AGAIN_MS), input.stopped]);
  }
}

/** Begins, or answers with the runs that stand in its way. */
function beginIfFree(input: TurnInput, group: string): Result<readonly KnownRun[]> {
  const locks = join(input.stateDirectory, 'pipelines', '.lock');
  try {
    makePrivateDirectory(locks);
    const claim = claimWithin(locks, 'groups', LONGEST_LOCK_MS);
    if (claim === undefined)
      return fail({ code: 'busy', message: 'the groups of runs are locked by another process', file: locks });
    try {
      const blockers = blockersOf(input, group);
      if (blockers.length > 0) return ok(blockers);
      const begun = input.begin();
      return begun.ok ? ok([]) : begun;
    } finally {
      claim.release();
    }
  } catch (error) {
    return fail(fileProblem(error, locks, 'cannot take a turn in the group'));
  }
}

function blockersOf({ stateDirectory, state }: TurnInput, group: string): KnownRun[] {
  const blockers: KnownRun[] = [];
  for (const run of knownRuns(stateDirectory)) {
    const { executionId, concurrencyGroup } = run.document;
    if (concurrencyGroup === group && executionId !== state.executionId && blocks(run, state))
      blockers.push(run);
  }
  return blockers;
}

/** Nobody waits for a run that nobody drives, unless it waits for people. */
function blocks({ document, stored }: KnownRun, state: RunState): boolean {
  const isDriven = stored.owner.state === 'held';
  if (document.phase === 'waiting_approval') return true;
  if (document.phase === 'running') return isDriven;
  return document.phase === 'pending' && isDriven && isOlder(document, state);
}

function isOlder(other: KnownRun['document'], state: RunState): boolean {
  if (other.startedAt !== state.startedAt) return other.startedAt < state.startedAt;
  return other.executionId < state.executionId;
}

/** Asks each once: to be asked again is to be told to hurry. */
async function endOlder(
  input: TurnInput,
  blockers: readonly KnownRun[],
  asked: Set<string>,
): Promise<Result<void>> {
  for (const { document } of blockers) {
    if (asked.has(document.executionId) || !isOlder(document, input.state)) continue;
    asked.add(document.executionId);
    const cancelled = await cancelRun(input.stateDirectory, document.executionId, 'SUPERSEDED');
    // One that ended by itself meanwhile is no longer in the way.
    if (!cancelled.ok && cancelled.error.code !== 'conflict') return cancelled;
  }
  return ok(undefined);
}
