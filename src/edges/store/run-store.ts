import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunRequest } from '../../core/run/request.ts';
import type { HeldRun, RunStore } from '../../engine/ports.ts';
import { makePrivateDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { type Claim, HEARTBEAT_MS, tryClaim } from '../files/claim.ts';
import { fileProblem } from '../files/file-problem.ts';
import { openJournal, readJournal } from './journal.ts';
import { runDirectory } from './run-directory.ts';
import { openStatusFile } from './status-file.ts';

const MAX_REQUEST_BYTES = 1 << 20;

/** Runs as directories below `<stateDirectory>/runs` (spec: protocols; architecture, state on disk). */
export function createRunStore(stateDirectory: string): RunStore {
  return {
    create(executionId) {
      const directory = runDirectory(stateDirectory, executionId);
      try {
        makePrivateDirectory(join(directory, 'inbox'));
        makePrivateDirectory(join(directory, 'logs'));
      } catch (error) {
        return fail(fileProblem(error, directory, 'cannot create the run’s directory'));
      }
      return hold(executionId, directory);
    },
    take(executionId) {
      const directory = runDirectory(stateDirectory, executionId);
      if (!existsSync(join(directory, 'journal.jsonl'))) return fail(notFound(executionId));
      return hold(executionId, directory);
    },
  };
}

/** Leaves a request for whoever owns the run. Durable when it returns, whether or not there is an owner. */
export function submitRequest(
  stateDirectory: string,
  executionId: string,
  request: RunRequest,
): Result<void> {
  const directory = runDirectory(stateDirectory, executionId);
  // A run that was removed in the meantime does not come back as an empty directory.
  if (!existsSync(directory)) return fail(notFound(executionId));
  const inbox = join(directory, 'inbox');
  const path = join(inbox, `${Date.parse(request.at)}-${request.id}.json`);
  try {
    makePrivateDirectory(inbox);
    writeFileAtomic(path, JSON.stringify(request), { durable: true });
    return ok(undefined);
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot leave the request'));
  }
}

function hold(executionId: string, directory: string): Result<HeldRun> {
  let claim: Claim;
  try {
    const attempt = tryClaim(directory, 'lease');
    if (!attempt.held) return fail(held(executionId, attempt.owner.pid, attempt.owner.host));
    claim = attempt.claim;
  } catch (error) {
    return fail(fileProblem(error, directory, 'cannot take the run’s lease'));
  }
  const path = join(directory, 'journal.jsonl');
  const read = readJournal(path);
  if (!read.ok) {
    claim.release();
    return read;
  }
  const journal = openJournal(path, read.value.length, (read.value.events.at(-1)?.seq ?? 0) + 1);
  if (!journal.ok) {
    claim.release();
    return journal;
  }
  const inbox = join(directory, 'inbox');
  const heartbeat = keepAlive(claim);
  const status = openStatusFile(directory, claim.epoch, claim.tookOver);
  return ok({
    executionId,
    epoch: claim.epoch,
    tookOver: claim.tookOver,
    directory,
    events: read.value.events,
    advance(runId, at, bodies) {
      if (!stillHeld(claim)) return fail(lostLease(executionId));
      return journal.value.append(runId, claim.epoch, at, bodies);
    },
    snapshot: (document) => status.replace(document),
    requests: () => readRequests(inbox),
    settle(requestId) {
      try {
        for (const file of listRequests(inbox))
          if (file.endsWith(`-${requestId}.json`)) rmSync(join(inbox, file), { force: true });
      } catch {
        // Its answer is durable: a request that stays there is not answered a second time.
      }
    },
    release() {
      clearInterval(heartbeat);
      journal.value.close();
      claim.release();
    },
  });
}

/** Shows to other hosts and containers, which cannot look at this process, that the owner lives. */
function keepAlive(claim: Claim): ReturnType<typeof setInterval> {
  const beat = (): void => {
    try {
      claim.heartbeat();
    } catch {
      // The lease is gone; the next append says so.
    }
  };
  return setInterval(beat, HEARTBEAT_MS).unref();
}

/** A directory that somebody removed holds no lease. */
function stillHeld(claim: Claim): boolean {
  try {
    return claim.stillHeld();
  } catch {
    return false;
  }
}

function readRequests(inbox: string): RunRequest[] {
  return listRequests(inbox).flatMap((file) => {
    const text = readTextBounded(join(inbox, file), MAX_REQUEST_BYTES);
    if (!text.ok || text.value === undefined) return [];
    try {
      const value: unknown = JSON.parse(text.value);
      return isRequest(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

function listRequests(inbox: string): string[] {
  try {
    return readdirSync(inbox)
      .filter((file) => file.endsWith('.json'))
      .sort();
  } catch {
    return [];
  }
}

function isRequest(value: unknown): value is RunRequest {
  return typeof value === 'object' && value !== null && 'id' in value && 'kind' in value && 'actor' in value;
}

function notFound(executionId: string): Problem {
  return {
    code: 'not-found',
    message: `there is no run ${executionId}`,
    hint: 'murmur8 status lists the newest run',
  };
}

function held(executionId: string, pid: number, host: string): Problem {
  return {
    code: 'held',
    message: `run ${executionId} is being driven by process ${pid} on ${host}`,
    hint: `look at it with: murmur8 status ${executionId}`,
  };
}

function lostLease(executionId: string): Problem {
  return {
    code: 'SYS_OWNER_LOST',
    message: `another process has taken run ${executionId} over; this one stops`,
    hint: `look at it with: murmur8 status ${executionId}`,
  };
}
