import { createMasker } from '../core/agent/mask.ts';
import { plainText } from '../core/agent/plain-text.ts';
import type { DiagnosticFacts } from '../core/diagnostic/facts.ts';
import { failedPartOf } from '../core/diagnostic/failed-part.ts';
import { diagnosticText } from '../core/diagnostic/text.ts';
import type { Problem } from '../core/problem.ts';
import { ok, type Result } from '../core/result.ts';
import type { RunEvent } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import { lastLogOf } from '../core/status/run-status.ts';
import { writeDiagnostic } from '../edges/diagnostics/diagnostic-file.ts';
import { lastOutput } from '../edges/diagnostics/last-output.ts';
import { environmentNames, machineFacts } from '../edges/diagnostics/machine.ts';
import { findProjectRoot } from '../edges/files/project-root.ts';
import { capture } from '../edges/process/capture.ts';
import type { HeldRun } from '../engine/ports.ts';
import { record } from './open-run.ts';
import { projectSecrets } from './secrets.ts';

const GIT_TIMEOUT_MS = 2_000;

/** A held run, and what is known about how it failed besides its state. */
export interface FailedRun {
  readonly run: HeldRun;
  readonly state: RunState;
  /** What came after the run was taken, as far as it tells of agents' versions. */
  readonly events?: readonly RunEvent[];
  /** Where an exception was behind it, and a developer wants to see it. */
  readonly stackTrace?: string;
  readonly warn: (problem: Problem) => void;
}

/**
 * Leaves the details of a run's failure in a file and notes in the journal where (seed 002, AC 8), once for each
 * segment; answers with what that added. It cannot change how the run ended: a file that cannot be written costs a
 * warning, and readers are pointed at the log instead. To be called before readers are told of the failure.
 */
export async function recordDiagnostic(failed: FailedRun): Promise<readonly RunEvent[]> {
  const { state, warn } = failed;
  if (state.phase !== 'failed' || state.diagnostic !== undefined) return [];
  const noted = await noteDown(failed);
  if (noted.ok) return noted.value;
  warn({ ...noted.error, message: `the details of the failure are not kept: ${noted.error.message}` });
  return [];
}

async function noteDown(failed: FailedRun): Promise<Result<readonly RunEvent[]>> {
  const { run, state, stackTrace } = failed;
  const { workingTree } = state.created;
  const mask = createMasker(projectSecrets(findProjectRoot(workingTree) ?? workingTree));
  const written = writeDiagnostic(
    run.directory,
    state.runId,
    diagnosticText(state, await factsOf(failed), mask),
  );
  if (!written.ok) return written;
  const trace = stackTrace === undefined ? {} : { stackTrace: mask(plainText(stackTrace)) };
  const recorded = record(run, state.runId, state, [
    { type: 'diagnostic.written', path: written.value, ...trace },
  ]);
  return recorded.ok ? ok(recorded.value.opened) : recorded;
}

async function factsOf({ run, state, events = [], stackTrace }: FailedRun): Promise<DiagnosticFacts> {
  const log = lastLogOf(state);
  const output = log === undefined ? undefined : lastOutput(log);
  const gitVersion = await versionOfGit(run.directory);
  const agentVersion = versionOfAgent(state, [...run.events, ...events]);
  return {
    environmentNames: environmentNames(),
    machine: machineFacts(),
    ...(output === undefined ? {} : { output }),
    ...(gitVersion === undefined ? {} : { gitVersion }),
    ...(agentVersion === undefined ? {} : { agentVersion }),
    ...(stackTrace === undefined ? {} : { stackTrace }),
  };
}

/** What the agent of the stage that failed said of itself last. */
function versionOfAgent(state: RunState, events: readonly RunEvent[]): string | undefined {
  const name = failedPartOf(state).stage?.name;
  for (const event of events.toReversed())
    if (event.type === 'attempt.generated' && event.stage === name && event.agentVersion !== undefined)
      return event.agentVersion;
  return undefined;
}

async function versionOfGit(cwd: string): Promise<string | undefined> {
  const { exitCode, stdout } = await capture('git', ['--version'], {
    cwd,
    timeoutMs: GIT_TIMEOUT_MS,
    maxBytes: 1_000,
  });
  return exitCode === 0
    ? stdout
        .toString('utf8')
        .trim()
        .replace(/^git version /, '')
    : undefined;
}
