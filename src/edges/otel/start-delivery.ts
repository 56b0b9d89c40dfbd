import { childEnvironment } from '../process/child-environment.ts';
import { type Detached, startDetached } from '../process/detached.ts';

export interface TraceDelivery {
  readonly stateDirectory: string;
  readonly executionId: string;
  /** The segment that has ended. */
  readonly runId: string;
  /** Program and arguments that start this very program, without a command. */
  readonly selfCommand: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files that the variables name, such as certificates, are relative to it. */
  readonly cwd: string;
}

/** What the deliverer needs besides what every child gets: the exporter's settings, which may hold secrets. */
const HANDED_ON = /^(?:OTEL_|TRACEPARENT$|NODE_OPTIONS$|TMPDIR$)/;

/** Starts the process that sends a segment's trace; it goes on when this one has ended. Never throws. */
export function startTraceDelivery(delivery: TraceDelivery): Detached {
  const [program, ...args] = delivery.selfCommand;
  const { executionId, runId, stateDirectory, cwd, environment } = delivery;
  const extra: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && HANDED_ON.test(name)) extra[name] = value;
  return startDetached(
    program,
    [...args, 'otel-deliver', executionId, runId, '--once', '--state-dir', stateDirectory],
    { cwd, env: childEnvironment(environment, extra) },
  );
}
