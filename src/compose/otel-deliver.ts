import { join } from 'node:path';
import { callerOf, type Environment, traceExport } from '../core/otel/environment.ts';
import type { Span } from '../core/otel/span.ts';
import { rootOf } from '../core/otel/span-ids.ts';
import { traceOf } from '../core/otel/trace.ts';
import type { Problem } from '../core/problem.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { replay } from '../core/run/apply.ts';
import type { RunEvent } from '../core/run/event.ts';
import type { RunState } from '../core/run/state.ts';
import { sha256 } from '../edges/clock/digest.ts';
import { systemClock } from '../edges/clock/system-clock.ts';
import { alone, leaveWord, recordDelivery, wasDelivered } from '../edges/otel/delivery-record.ts';
import { readJournal } from '../edges/store/journal.ts';
import { runDirectory } from '../edges/store/run-directory.ts';

/** As long as one delivery may take where the endpoint does not answer, in ms. */
const OTHERS_TAKE_MS = 120_000;

export interface Delivered {
  readonly run_id: string;
  readonly trace_id: string;
  readonly spans: number;
}

/** The work of the command `otel-deliver`: sends the trace of one segment, by default of the run's last one. */
export async function deliverTrace(
  question: {
    readonly stateDirectory: string;
    readonly executionId: string;
    readonly runId: string | undefined;
    /** Not if it was delivered before. */
    readonly once: boolean;
  },
  environment: Environment = process.env,
): Promise<Result<Delivered>> {
  const { stateDirectory, executionId } = question;
  const directory = runDirectory(stateDirectory, executionId);
  const wanted = traceExport(environment);
  if (wanted.kind === 'unusable') return fail(wanted.problem);
  if (wanted.kind === 'off') return fail(switchedOff());
  const segment = readSegment(join(directory, 'journal.jsonl'), executionId, question.runId);
  if (!segment.ok) return segment;
  const done = await alone(directory, OTHERS_TAKE_MS, () =>
    deliverSegment(question, segment.value, environment),
  );
  return done ?? fail(busy(executionId));
}

async function deliverSegment(
  {
    stateDirectory,
    executionId,
    once,
  }: { readonly stateDirectory: string; readonly executionId: string; readonly once: boolean },
  { events, state }: Segment,
  environment: Environment,
): Promise<Result<Delivered>> {
  const directory = runDirectory(stateDirectory, executionId);
  const { runId } = state;
  if (once && wasDelivered(directory, runId))
    return ok({ run_id: runId, trace_id: rootOf(sha256, runId).traceId, spans: 0 });
  const spans = traceOf({ events, state, digest: sha256, caller: callerOf(environment) });
  const sent = await send(spans, state.created.version);
  const at = new Date(systemClock.now()).toISOString();
  if (!sent.ok) {
    const reason = sent.error;
    recordDelivery(directory, { at, runId, outcome: `not delivered: ${reason}` });
    leaveWord(stateDirectory, { executionId, runId, reason });
    return fail({
      code: 'otel-undelivered',
      message: `the trace of run ${runId} was not delivered: ${reason}`,
      hint: 'check OTEL_EXPORTER_OTLP_ENDPOINT and what listens there, then run this command again',
    });
  }
  recordDelivery(directory, { at, runId, outcome: `delivered ${spans.length} spans` });
  return ok({ run_id: runId, trace_id: spans[0]?.traceId ?? '', spans: spans.length });
}

/** Loaded only here, so that a package that is missing is a failed delivery like any other. */
async function send(spans: readonly Span[], version: string): Promise<Result<number, string>> {
  try {
    const { exportSpans } = await import('../edges/otel/export-spans.ts');
    return await exportSpans(spans, version);
  } catch (error) {
    return fail(error instanceof Error ? `the exporter failed: ${error.name}` : 'the exporter failed');
  }
}

interface Segment {
  readonly events: readonly RunEvent[];
  readonly state: RunState;
}

/** The journal up to the last event of a segment, and what the run was then. */
function readSegment(file: string, executionId: string, wanted: string | undefined): Result<Segment> {
  const journal = readJournal(file);
  if (!journal.ok) return journal;
  const all = journal.value.events;
  const runId = wanted ?? all.at(-1)?.runId;
  const last = all.findLastIndex((event) => event.runId === runId);
  const events = all.slice(0, last + 1);
  const state = replay(events);
  if (state === undefined) return fail(notFound(executionId, wanted, file));
  if (state.endedAt !== undefined) return ok({ events, state });
  return fail({
    code: 'conflict',
    message: `run ${state.runId} has not ended yet`,
    hint: 'its trace is sent once it has ended',
  });
}

function notFound(executionId: string, runId: string | undefined, file: string): Problem {
  return {
    code: 'not-found',
    message: `there is no run ${JSON.stringify(runId ?? executionId)} in this journal`,
    file,
    hint: 'murmur8 status lists the runs',
  };
}

function busy(executionId: string): Problem {
  return {
    code: 'conflict',
    message: `another process delivers traces of run ${executionId}`,
    hint: 'its otel.log says how that went',
  };
}

function switchedOff(): Problem {
  return {
    code: 'otel-off',
    message: 'traces are not sent anywhere',
    hint: 'set OTEL_EXPORTER_OTLP_ENDPOINT to the address of a collector, for example http://localhost:4318',
  };
}
