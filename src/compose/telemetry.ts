import { join } from 'node:path';
import { pingPayload } from '../core/telemetry/payload.ts';
import type { RunData } from '../core/telemetry/run-data.ts';
import type { TelemetryStatus } from '../core/telemetry/telemetry-status.ts';
import { findProjectRoot } from '../edges/files/project-root.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';
import { deliver } from '../edges/telemetry/deliver.ts';
import { deliverAtRunEnd } from '../edges/telemetry/end-of-run.ts';
import { generateRunId } from '../edges/telemetry/identifiers.ts';
import { loadConfig } from '../edges/telemetry/load-config.ts';
import { readTelemetryStatus } from '../edges/telemetry/read-status.ts';
import { type SendResult, sendTelemetry } from '../edges/telemetry/send.ts';
import { type DeliveryProcess, flushAtStart } from '../edges/telemetry/start-delivery.ts';
import { telemetryPaths } from '../edges/telemetry/state-paths.ts';
import { ownCommand } from './own-command.ts';

/** Telemetry as a run sees it: two moments, neither of which ever throws, prints or holds a run up. */
export interface Telemetry {
  /** Call it as early as possible and await it right before stage one; resolves after 50 ms at most. */
  atRunStart(): Promise<void>;
  /** Resolves once the run is durable and its delivery has been started. */
  atRunEnd(data: RunData): Promise<void>;
}

export interface TelemetryOptions {
  /** Absolute, normally `<main root>/.claude`. */
  readonly stateDir: string;
  /** Absolute, normally `<main root>/.env`. */
  readonly dotenvPath: string;
  /** How to start this program without a command; by default the way it was started itself. */
  readonly selfCommand?: DeliveryProcess['selfCommand'];
  readonly environment?: DeliveryProcess['environment'];
}

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const delivery: DeliveryProcess = {
    stateDir: options.stateDir,
    dotenvPath: options.dotenvPath,
    selfCommand: options.selfCommand ?? ownCommand(),
    environment: options.environment ?? process.env,
  };
  return {
    atRunStart: () => flushAtStart(delivery).catch(() => undefined),
    atRunEnd: (data) => deliverAtRunEnd(delivery, data),
  };
}

/** The work of the hidden command `telemetry-deliver`. Never throws. */
export async function deliverWaiting(options: {
  readonly stateDir: string;
  readonly dotenvPath: string;
  readonly withQueue: boolean;
  readonly onRequest?: () => void;
}): Promise<void> {
  const config = loadConfig(options.dotenvPath);
  await deliver({ ...options, config }).catch(() => undefined);
}

/** What `telemetry-config` asks; reads, and sends only for a test. */
export function openTelemetryConfig(question: {
  readonly cwd: string;
  /** `--state-dir` as given. */
  readonly stateDir: string | undefined;
  /** Of murmur8. */
  readonly version: string;
}): {
  status(): TelemetryStatus;
  test(): Promise<SendResult>;
} {
  const config = loadConfig(join(findProjectRoot(question.cwd) ?? question.cwd, '.env'));
  const paths = telemetryPaths(stateDirectory(question.cwd, question.stateDir));
  return {
    status: () => readTelemetryStatus(config, paths.queue),
    async test() {
      if (config.url === null) return { ok: false, error: 'MURMUR8_TELEMETRY_URL is not set' };
      const ids = { runId: generateRunId(), featureId: generateRunId() };
      return sendTelemetry(
        pingPayload({ ...ids, at: new Date().toISOString(), version: question.version }),
        config,
      );
    },
  };
}

export { sayReady } from '../edges/process/detached.ts';
