import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apply } from '../../src/core/run/apply.ts';
import type { RunEventBody } from '../../src/core/run/event.ts';
import type { RunState } from '../../src/core/run/state.ts';
import { type StatusChange, type StatusDocument, statusDocument } from '../../src/core/status/document.ts';
import { createRunStore } from '../../src/edges/store/run-store.ts';
import { BEGINNING } from './run-builder.ts';

/** A project directory with runs that were written through the real store. */
export interface RunsPlace {
  readonly root: string;
  readonly stateDir: string;
  /** A run that this process holds until `leave`. */
  begin(executionId: string, ...bodies: RunEventBody[]): StoredTestRun;
  remove(): void;
}

export interface StoredTestRun {
  readonly executionId: string;
  readonly directory: string;
  /** Makes events durable; readers see them, unless `unseen`. One second passes with each call. */
  tell(...bodies: RunEventBody[]): void;
  unseen(...bodies: RunEventBody[]): void;
  document(): StatusDocument;
  /** Gives the run up: nobody drives it any more. */
  leave(): void;
}

export function createRunsPlace(): RunsPlace {
  const root = mkdtempSync(join(tmpdir(), 'murmur8-runs-'));
  const stateDir = join(root, '.claude');
  const leaving: (() => void)[] = [];
  return {
    root,
    stateDir,
    begin(executionId, ...bodies) {
      const run = beginRun(stateDir, executionId);
      leaving.push(run.leave);
      run.tell(...bodies);
      return run;
    },
    remove() {
      for (const leave of leaving) leave();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function beginRun(stateDir: string, executionId: string): StoredTestRun {
  const held = createRunStore(stateDir).create(executionId);
  if (!held.ok) throw new Error(held.error.message);
  const run = held.value;
  let state: RunState | undefined;
  let statuses: readonly StatusChange[] = [];
  let at = BEGINNING;
  let isLeft = false;
  const advance = (bodies: readonly RunEventBody[]): void => {
    const written = run.advance(executionId, new Date(at).toISOString(), bodies);
    if (!written.ok) throw new Error(written.error.message);
    at += 1000;
    for (const event of written.value) state = apply(state, event);
  };
  const document = (): StatusDocument => {
    if (state === undefined) throw new Error('a run begins with an event');
    return statusDocument(state, statuses);
  };
  return {
    executionId,
    directory: run.directory,
    tell(...bodies) {
      advance(bodies);
      const shown = document();
      statuses = shown.status_history;
      const written = run.snapshot(shown);
      if (!written.ok) throw new Error(written.error.message);
    },
    unseen: (...bodies) => advance(bodies),
    document,
    leave() {
      if (!isLeft) run.release();
      isLeft = true;
    },
  };
}
