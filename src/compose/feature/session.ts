import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { createFeatureWork } from '../../engine/feature/feature-work.ts';
import type { FeatureWorld } from '../../engine/feature/world.ts';
import type { HeldRun } from '../../engine/ports.ts';
import { projectSecrets } from '../secrets.ts';
import { driveSession, type OnSignal, type SessionResult, type Watcher } from '../session.ts';
import { recordAttempts } from '../tasks/record-attempt.ts';
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
  /** There are tasks, and none for this feature. */
  readonly offerTask: (slug: string) => void;
  readonly telemetryStarted: Promise<void>;
}

/** The project's telemetry; made before anything else, so that waiting deliveries get their head start. */
export function telemetryOf(project: Project): Telemetry {
  return createTelemetry({ stateDir: project.stateDirectory, dotenvPath: join(project.mainRoot, '.env') });
}

/** Drives the run of a feature to its end or its next stop, closes its books, and tells its task of the attempt. */
export async function runSession(input: FeatureSession, telemetry: Telemetry): Promise<SessionResult> {
  const { project, run, state, world, watcher } = input;
  const result = await driveSession({
    ...input,
    stateDirectory: project.stateDirectory,
    work: world.contained?.work(createFeatureWork(world)) ?? createFeatureWork(world),
    secrets: projectSecrets(project.mainRoot, project.root),
    before: async () => {
      await input.telemetryStarted;
      return undefined;
    },
    atEnd: async (publish) => {
      await closeBooks({ project, run, state, telemetry, publish, warn: watcher.warn });
      tellTask(input);
    },
  });
  const { end } = result;
  if (end.kind === 'waiting') tellTask(input);
  // Whoever has taken the run over tells what this process did.
  if (end.kind === 'broken' && end.problem.code !== 'SYS_OWNER_LOST') tellTask(input, end.problem);
  return result;
}

function tellTask({ project, run, state, watcher, offerTask }: FeatureSession, broken?: Problem): void {
  const order = { ...project, run, state, whose: 'all' } as const;
  const told = recordAttempts(broken === undefined ? order : { ...order, broken });
  if (!told.ok) watcher.warn(told.error);
  else if (told.value === 'no-task') offerTask(state.created.feature?.slug ?? '');
}
