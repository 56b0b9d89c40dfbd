import { userInfo } from 'node:os';
import { ok, type Result } from '../core/result.ts';
import type { RequestBody } from '../core/run/request.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { submitRequest } from '../edges/store/run-store.ts';

/** Leaves a durable request with a run, whoever owns it. Answers with the request's id. */
export function askOfRun(
  stateDirectory: string,
  executionId: string,
  body: RequestBody,
  actor: string = userName(),
): Result<string> {
  const id = systemClock.id();
  const at = new Date(systemClock.now()).toISOString();
  const left = submitRequest(stateDirectory, executionId, { id, actor, at, ...body });
  return left.ok ? ok(id) : left;
}

/** A user without an entry in the password file has a number only. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
