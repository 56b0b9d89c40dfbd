import { endpointKind, maskedKey, shownUrl, type TelemetryConfig } from './endpoint.ts';

/** How the last attempt to deliver a payload ended. */
export interface LastDelivery {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly outcome: 'delivered' | 'failed';
  /** HTTP code, where an answer came. */
  readonly httpStatus?: number;
  /** Why it failed, in words without secrets. */
  readonly error?: string;
}

/** Everything that `telemetry-config` tells; nothing in it is secret. */
export interface TelemetryStatus {
  readonly active: boolean;
  readonly url: string | null;
  readonly key: string;
  /** Payloads that wait for another try; null when the queue cannot be read. */
  readonly queueDepth: number | null;
  /** Runs whose delivery has not ended. */
  readonly outboxDepth: number;
  readonly lastDelivery: LastDelivery | null;
  readonly warnings: readonly string[];
}

export function telemetryStatus(
  config: TelemetryConfig,
  found: Pick<TelemetryStatus, 'queueDepth' | 'outboxDepth' | 'lastDelivery'>,
): TelemetryStatus {
  const active = config.url !== null && config.url !== '';
  return {
    active,
    url: active && config.url !== null ? shownUrl(config.url, config.key) : null,
    key: maskedKey(config.key),
    ...found,
    warnings: [...endpointWarnings(config.url), ...queueWarnings(found.queueDepth)],
  };
}

/** The status for a person. */
export function formatTelemetryStatus(status: TelemetryStatus): string {
  const lines = [
    `Telemetry:     ${status.active ? 'active' : 'inactive'}`,
    `URL:           ${status.url ?? 'not set'}`,
    `Key:           ${status.key}`,
    `Queue:         ${status.queueDepth === null ? 'not readable' : counted(status.queueDepth)}`,
    ...(status.outboxDepth === 0 ? [] : [`Outbox:        ${counted(status.outboxDepth)}`]),
    `Last delivery: ${status.lastDelivery === null ? 'none yet' : formatDelivery(status.lastDelivery)}`,
    ...status.warnings.map((warning) => `warning: ${warning}`),
    ...(status.active
      ? []
      : ['hint: set MURMUR8_TELEMETRY_URL in .env or in the environment to switch it on']),
  ];
  return lines.join('\n');
}

function formatDelivery(delivery: LastDelivery): string {
  const code = delivery.httpStatus === undefined ? '' : ` (HTTP ${delivery.httpStatus})`;
  const reason = delivery.error === undefined ? '' : `: ${delivery.error}`;
  return `${delivery.at} ${delivery.outcome}${code}${reason}`;
}

function counted(depth: number): string {
  return `${depth} ${depth === 1 ? 'payload' : 'payloads'} waiting`;
}

function endpointWarnings(url: string | null): string[] {
  if (url === null || url === '') return [];
  switch (endpointKind(url)) {
    case 'https':
      return [];
    case 'http-local':
      return ['the URL is http://, so payloads and key travel unencrypted; the address is local (loopback)'];
    case 'http':
      return ['the URL is http://, so payloads and key travel unencrypted; use https://'];
    case 'malformed':
      return ['the URL is malformed, nothing can be sent; it must read like https://host/path'];
  }
}

function queueWarnings(depth: number | null): string[] {
  return depth === null
    ? ['telemetry-failed.json holds no list of payloads; the next delivery sets it aside']
    : [];
}
