import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TelemetryConfig } from '../../core/telemetry/endpoint.ts';
import { buildPayload } from '../../core/telemetry/payload.ts';
import { type Claim, lookAtClaim, tryClaim } from '../files/claim.ts';
import { compressArtifacts } from './compress.ts';
import { writeLastDelivery } from './delivery-state.ts';
import { dequeue, enqueueFailure, retryQueue } from './failed-queue.ts';
import { lockDirectory } from './locks.ts';
import { listOutbox, readFromOutbox, removeFromOutbox } from './outbox.ts';
import { type SendResult, sendTelemetry } from './send.ts';
import { type TelemetryPaths, telemetryPaths } from './state-paths.ts';

export interface DeliverOptions {
  readonly stateDir: string;
  readonly config: TelemetryConfig;
  /** Also try what failed before; so at the start of a run. */
  readonly withQueue: boolean;
  /** Called at the start of each request. */
  readonly onRequest?: () => void;
  /** The whole delivery, in ms. What is left waits for the next run. Default 2 minutes. */
  readonly budgetMs?: number;
  /** One request, in ms. Default 10 s. */
  readonly requestTimeoutMs?: number;
}

const DEFAULT_BUDGET_MS = 120_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;
const CLAIM = 'delivery';
const STALE_TEMPORARY_MS = 60 * 60 * 1000;

/**
 * Sends what waits in the outbox and, at the start of a run, in the queue of failed sends. Only a 2xx lets go of a
 * run; after any other answer its payload moves to the queue (spec: protocols, telemetry outbox). A process that
 * dies at any point sends a run again rather than not at all. One process delivers at a time, the others leave at
 * once: whoever holds the claim looks into the outbox again after letting go of it, so that nothing is left behind.
 */
export async function deliver(options: DeliverOptions): Promise<void> {
  if (options.config.url === null) return;
  const paths = telemetryPaths(options.stateDir);
  const delivery = newDelivery(options, paths);
  do {
    const attempt = tryClaim(lockDirectory(paths.queue), CLAIM);
    if (!attempt.held) return;
    try {
      removeStaleTemporaries(paths);
      await delivery.run(attempt.claim);
    } finally {
      attempt.claim.release();
    }
  } while (delivery.hasMore());
}

/** Does a process deliver right now? */
export function isDelivering(stateDir: string): boolean {
  return lookAtClaim(lockDirectory(telemetryPaths(stateDir).queue), CLAIM).state === 'held';
}

function newDelivery(
  options: DeliverOptions,
  paths: TelemetryPaths,
): { run(claim: Claim): Promise<void>; hasMore(): boolean } {
  const deadline = Date.now() + (options.budgetMs ?? DEFAULT_BUDGET_MS);
  const given = new Set<string>();
  let queueTried = !options.withQueue;

  return {
    async run(claim) {
      await emptyOutbox(claim);
      if (queueTried) return;
      queueTried = true;
      await retryQueue(paths.queue, async (payload) => {
        await emptyOutbox(claim);
        return (await send(payload, claim)).ok;
      });
      await emptyOutbox(claim);
    },
    hasMore: () => Date.now() < deadline && waiting().length > 0,
  };

  /** Files that were not tried by this process: one that can neither be sent nor queued stays for the next run. */
  function waiting(): string[] {
    return listOutbox(paths.outbox).filter((path) => !given.has(path));
  }

  async function emptyOutbox(claim: Claim): Promise<void> {
    for (let path = waiting()[0]; path !== undefined && Date.now() < deadline; path = waiting()[0]) {
      given.add(path);
      const data = readFromOutbox(path);
      if (data === undefined) continue;
      const payload = buildPayload({ ...data, artifacts: await compressArtifacts(data.artifacts ?? {}) });
      const result = await send(payload, claim);
      if (result.ok) {
        removeFromOutbox(path);
        // A process that died between queueing a run and letting go of its outbox file has left it in both.
        dequeue(payload, paths.queue);
      } else if (enqueueFailure(payload, paths.queue)) removeFromOutbox(path);
    }
  }

  async function send(payload: unknown, claim: Claim): Promise<SendResult> {
    const left = deadline - Date.now();
    if (left <= 0) return { ok: false };
    claim.heartbeat();
    const result = await sendTelemetry(payload, options.config, {
      timeoutMs: Math.min(left, options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS),
      ...(options.onRequest === undefined ? {} : { onStart: options.onRequest }),
    });
    writeLastDelivery(paths.state, {
      at: new Date().toISOString(),
      outcome: result.ok ? 'delivered' : 'failed',
      ...(result.status === undefined ? {} : { httpStatus: result.status }),
      ...(result.error === undefined ? {} : { error: result.error }),
    });
    return result;
  }
}

/** A process that was killed in the middle of a write leaves a temporary file, which holds what agents said. */
function removeStaleTemporaries(paths: TelemetryPaths): void {
  for (const directory of [paths.stateDir, paths.outbox, lockDirectory(paths.queue)]) {
    for (const name of namesIn(directory)) {
      if (!name.endsWith('.tmp') || (directory === paths.stateDir && !name.startsWith('telemetry-')))
        continue;
      const path = join(directory, name);
      try {
        if (Date.now() - statSync(path).mtimeMs > STALE_TEMPORARY_MS) unlinkSync(path);
      } catch {
        // Its writer was alive after all and has renamed it.
      }
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
