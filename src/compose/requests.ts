import { userInfo } from 'node:os';
import type { Result } from '../core/result.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { submitRequest } from '../edges/store/run-store.ts';
import type { RunRequest } from '../engine/ports.ts';

/** Leaves a durable request with a run, whoever owns it. Answers with the request's id. */
export function askOfRun(
  stateDirectory: string,
  executionId: string,
  kind: RunRequest['kind'],
  text?: string,
): Result<void> {
  return submitRequest(stateDirectory, executionId, {
    id: systemClock.id(),
    kind,
    actor: userName(),
    at: new Date(systemClock.now()).toISOString(),
    ...(text === undefined ? {} : { text }),
  });
}

/** A user without an entry in the password file has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
