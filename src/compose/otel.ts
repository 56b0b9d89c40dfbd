import { type Environment, traceExport } from '../core/otel/environment.ts';
import type { Problem } from '../core/problem.ts';
import type { RunState } from '../core/run/state.ts';
import { takeWord, wasDelivered } from '../edges/otel/delivery-record.ts';
import { startTraceDelivery } from '../edges/otel/start-delivery.ts';
import { atMost, waitMilliseconds } from '../edges/process/bounded-wait.ts';
import { ownCommand } from './own-command.ts';

export interface EndedSegment {
  readonly stateDirectory: string;
  /** Of the run. */
  readonly directory: string;
  readonly state: RunState;
  /** Without it, a failure waits for somebody who can be told. */
  readonly warn?: (problem: Problem) => void;
}

/**
 * Hands the trace of an ended segment to a process of its own, where the standard variables of OpenTelemetry ask for
 * it; otherwise nothing is read, started or said. Resolves as soon as the process was started, or where
 * `MURMUR8_TELEMETRY_WAIT_MS` says so after the delivery, in that time at most. Never changes how the run ended. A
 * delivery that failed is told by the next one here that ends.
 */
export async function traceSegment(
  { stateDirectory, directory, state, warn }: EndedSegment,
  environment: Environment = process.env,
): Promise<void> {
  if (state.endedAt === undefined) return;
  const wanted = traceExport(environment);
  if (wanted.kind === 'off') return;
  if (wanted.kind === 'unusable') return warn?.(wanted.problem);
  const { executionId, runId } = state;
  if (wasDelivered(directory, runId)) return;
  tellFailure(stateDirectory, warn);
  const selfCommand = ownCommand();
  const cwd = process.cwd();
  const delivery = startTraceDelivery({
    stateDirectory,
    executionId,
    runId,
    selfCommand,
    environment,
    cwd,
  });
  const wait = waitMilliseconds(environment['MURMUR8_TELEMETRY_WAIT_MS']);
  if (wait === 0) return;
  await atMost(wait, delivery.ended);
  tellFailure(stateDirectory, warn);
}

function tellFailure(stateDirectory: string, warn: EndedSegment['warn']): void {
  if (warn === undefined) return;
  const failure = takeWord(stateDirectory);
  if (failure === undefined) return;
  const { executionId, runId, reason } = failure;
  warn({
    code: 'otel-undelivered',
    message: `the trace of run ${runId} was not delivered: ${reason}`,
    hint: `murmur8 otel-deliver ${executionId} ${runId} sends it again`,
  });
}
