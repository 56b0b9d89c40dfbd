import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { repositoryWithoutCredentials, type TelemetryConfig } from '../../core/telemetry/endpoint.ts';
import type { RunData } from '../../core/telemetry/run-data.ts';
import { redacted, secretValues } from '../../core/telemetry/secrets.ts';
import { atMost, waitMilliseconds } from '../process/bounded-wait.ts';
import { isDelivering } from './deliver.ts';
import { loadConfig, readDotenv } from './load-config.ts';
import { writeToOutbox } from './outbox.ts';
import { type DeliveryProcess, startDelivery } from './start-delivery.ts';
import { telemetryPaths } from './state-paths.ts';

const SHORTEST_KEY = 4;

/**
 * Hands an ended run to telemetry: durable first, then a process of its own delivers it. Without an address nothing
 * is written, sent or said. Never throws, never prints (seed 004, rule "non-blocking send"). Resolves as soon as the
 * process has been started, or where `MURMUR8_TELEMETRY_WAIT_MS` says so after the delivery, in that time at most.
 */
export async function deliverAtRunEnd(process: DeliveryProcess, data: RunData): Promise<void> {
  try {
    const config = loadConfig(process.dotenvPath, process.environment);
    if (config.url === null) return;
    const paths = telemetryPaths(process.stateDir);
    const file = writeToOutbox(paths.outbox, withoutSecrets(data, process, config));
    const delivery = startDelivery(process);
    const wait = waitMilliseconds(process.environment['MURMUR8_TELEMETRY_WAIT_MS']);
    if (wait === 0) return;
    const deadline = Date.now() + wait;
    await atMost(wait, delivery.ended);
    // Another deliverer was at work and ours has left: it takes this run too.
    while (Date.now() < deadline && existsSync(file) && isDelivering(process.stateDir)) await pause(10);
  } catch {
    // A disk that takes no outbox file costs the event, never the run.
  }
}

/** The run as it may leave this machine, and as it may lie in the outbox. */
function withoutSecrets(data: RunData, process: DeliveryProcess, config: TelemetryConfig): RunData {
  const secrets = [
    ...secretValues(process.environment),
    ...secretValues(Object.fromEntries(readDotenv(process.dotenvPath))),
    ...secretValues({ url: config.url ?? '' }),
    ...(config.key !== null && config.key.length >= SHORTEST_KEY ? [config.key] : []),
  ];
  const repoUrl = data.identity?.repoUrl;
  const identity =
    repoUrl === undefined
      ? data.identity
      : { ...data.identity, repoUrl: repositoryWithoutCredentials(repoUrl) };
  const { runId, featureId } = data;
  const safe = redacted(data, secrets);
  return {
    ...safe,
    runId,
    featureId,
    ...(identity === undefined ? {} : { identity: redacted(identity, secrets) }),
  };
}
