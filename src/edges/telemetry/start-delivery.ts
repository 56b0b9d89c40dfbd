import { dirname } from 'node:path';
import { atMost } from '../process/bounded-wait.ts';
import { type Detached, startDetached } from '../process/detached.ts';
import { readQueue } from './failed-queue.ts';
import { loadConfig } from './load-config.ts';
import { listOutbox } from './outbox.ts';
import { telemetryPaths } from './state-paths.ts';

export interface DeliveryProcess {
  readonly stateDir: string;
  readonly dotenvPath: string;
  /** Program and arguments that start this very program, without a command. */
  readonly selfCommand: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a run waits at its start for the first request to be on its way. */
const LONGEST_START_MS = 50;

/** What the deliverer needs of the environment; nothing else is handed on. */
const HANDED_ON =
  /^(?:MURMUR8_TELEMETRY_|NODE_EXTRA_CA_CERTS$|NODE_OPTIONS$|SSL_CERT_|HOME$|PATH$|TMPDIR$|LANG$|TZ$|SYSTEMROOT$)/i;

/** Starts the process that delivers what waits; it goes on when this one has ended (spec: "silent and free"). */
export function startDelivery(process: DeliveryProcess, withQueue = false): Detached {
  const [program, ...args] = process.selfCommand;
  return startDetached(
    program,
    [
      ...args,
      'telemetry-deliver',
      '--state-dir',
      process.stateDir,
      '--dotenv',
      process.dotenvPath,
      '--say-ready',
      ...(withQueue ? ['--with-queue'] : []),
    ],
    { cwd: dirname(process.stateDir), env: handedOn(process.environment) },
  );
}

/**
 * At the start of a run: sends what is left of runs before it (seed 004, story failed-queue-retry AC-2). Resolves
 * when the first request has begun, after 50 ms at most; at once when nothing waits or telemetry is inactive.
 */
export async function flushAtStart(process: DeliveryProcess): Promise<void> {
  if (loadConfig(process.dotenvPath, process.environment).url === null) return;
  const paths = telemetryPaths(process.stateDir);
  if (listOutbox(paths.outbox).length === 0 && readQueue(paths.queue)?.length === 0) return;
  await atMost(LONGEST_START_MS, startDelivery(process, true).ready);
}

function handedOn(environment: DeliveryProcess['environment']): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && HANDED_ON.test(name)) kept[name] = value;
  }
  return kept;
}
