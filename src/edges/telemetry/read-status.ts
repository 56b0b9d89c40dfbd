import { dirname } from 'node:path';
import type { TelemetryConfig } from '../../core/telemetry/endpoint.ts';
import {
  formatTelemetryStatus,
  type TelemetryStatus,
  telemetryStatus,
} from '../../core/telemetry/telemetry-status.ts';
import { readLastDelivery } from './delivery-state.ts';
import { readQueue } from './failed-queue.ts';
import { listOutbox } from './outbox.ts';
import { telemetryPaths } from './state-paths.ts';

/** State of telemetry, read beside the queue file; writes nothing. */
export function readTelemetryStatus(config: TelemetryConfig, queuePath: string): TelemetryStatus {
  const paths = telemetryPaths(dirname(queuePath));
  return telemetryStatus(config, {
    queueDepth: readQueue(queuePath)?.length ?? null,
    outboxDepth: listOutbox(paths.outbox).length,
    lastDelivery: readLastDelivery(paths.state),
  });
}

/** What `telemetry-config` prints: status, address and key without their secrets, queue depth, last delivery. */
export function formatTelemetryConfig(config: TelemetryConfig, queuePath: string): string {
  return formatTelemetryStatus(readTelemetryStatus(config, queuePath));
}
