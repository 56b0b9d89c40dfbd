import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { resumeCommand } from '../../core/status/run-status.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import { startDetached } from '../../edges/process/detached.ts';
import { readOwnerRecord } from '../../edges/store/owner-record.ts';
import { runDirectory } from '../../edges/store/run-directory.ts';
import { knownRun } from '../feature/find-run.ts';
import { ownCommand } from '../own-command.ts';

export { sayReady } from '../../edges/process/detached.ts';

const LARGEST_LOG = 64 << 20;

export interface StartedOwner {
  readonly pid?: number;
  /** What it prints. */
  readonly logFile: string;
}

/**
 * Starts a process that drives a run in the background, and resolves once it owns the run, or has ended. It works in
 * the directory and with the environment that the run recorded, never with that of whoever starts it (spec:
 * protocols), unless `environment` is given: by the very process that began the run. Nobody is started where
 * somebody drives it already. Fails when nobody owns it afterwards; the run then waits for `resume`.
 */
export async function startOwner(
  stateDirectory: string,
  executionId: string,
  environment?: NodeJS.ProcessEnv,
): Promise<Result<StartedOwner>> {
  const directory = runDirectory(stateDirectory, executionId);
  const kept = readOwnerRecord(directory);
  if (!kept.ok) return kept;
  if (kept.value === undefined) return fail(noRecord(executionId));
  const [program, ...args] = ownCommand();
  const logFile = join(directory, 'owner.log');
  if (isUnderWay(stateDirectory, executionId)) return ok({ logFile });
  const owner = startDetached(
    program,
    [...args, 'pipeline', 'run', '--resume', executionId, '--owner', '--state-dir', stateDirectory],
    { cwd: kept.value.cwd, env: environment ?? { ...kept.value.environment }, logFile },
  );
  // The timer keeps this process alive: what is waited for here does not.
  const awake = setInterval(() => {}, 1_000);
  await owner.ready;
  clearInterval(awake);
  if (!isUnderWay(stateDirectory, executionId)) return fail(notStarted(executionId, logFile));
  return ok({ ...(owner.pid === undefined ? {} : { pid: owner.pid }), logFile });
}

/** It is owned, or came to its end or its next stop in the meantime. */
function isUnderWay(stateDirectory: string, executionId: string): boolean {
  const run = knownRun(stateDirectory, executionId);
  if (run === undefined) return false;
  const { phase } = run.document;
  return run.stored.owner.state === 'held' || (phase !== 'pending' && phase !== 'running');
}

function noRecord(executionId: string): Problem {
  return {
    code: 'no-owner-record',
    message: `run ${executionId} does not say where it works, so nobody can drive it in the background`,
    hint: `drive it here: ${resumeCommand(executionId)}`,
  };
}

function notStarted(executionId: string, logFile: string): Problem {
  const log = readTextBounded(logFile, LARGEST_LOG);
  const said = log.ok ? (log.value ?? '').trim().split('\n').at(-1) : undefined;
  return {
    code: 'owner-not-started',
    message: `the process that shall drive run ${executionId} did not come so far${said ? `: ${said}` : ''}`,
    file: logFile,
    hint: `drive it here: ${resumeCommand(executionId)}`,
  };
}
