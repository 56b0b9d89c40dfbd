import { join } from 'node:path';
import type { RunEvent } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { createFeatureWork } from '../../engine/feature/feature-work.ts';
import type { FeatureWorld } from '../../engine/feature/world.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { driveSession, type OnSignal, type SessionResult, type Watcher } from '../session.ts';
import { createTelemetry, type Telemetry } from '../telemetry.ts';
import { closeBooks } from './books.ts';
import type { Project } from './project.ts';

export interface FeatureSession {
  readonly project: Project;
  readonly run: HeldRun;
  readonly state: RunState;
  /** Events with which the run was opened, for whoever watches. */
  readonly opened: readonly RunEvent[];
  readonly world: FeatureWorld;
  readonly watcher: Watcher;
  readonly onSignal: OnSignal;
  readonly telemetryStarted: Promise<void>;
}

/** The project's telemetry; made before anything else, so that waiting deliveries get their head start. */
export function telemetryOf(project: Project): Telemetry {
  return createTelemetry({ stateDir: project.stateDirectory, dotenvPath: join(project.mainRoot, '.env') });
}

/** Drives the run of a feature to its end or its next stop, and closes its books. */
export function runSession(input: FeatureSession, telemetry: Telemetry): Promise<SessionResult> {
  const { project, run, state, world, watcher } = input;
  return driveSession({
    ...input,
    stateDirectory: project.stateDirectory,
    work: createFeatureWork(world),
    before: async () => {
      await input.telemetryStarted;
      return undefined;
    },
    atEnd: (publish) => closeBooks({ project, run, state, telemetry, publish, warn: watcher.warn }),
  });
}
