import { expect, test } from 'vitest';
import { formatTelemetryStatus, telemetryStatus } from '../../../src/core/telemetry/telemetry-status.ts';

const nothing = { queueDepth: 0, outboxDepth: 0, lastDelivery: null };

test('spec telemetry-config: without a URL it is inactive and says how to switch it on', () => {
  const text = formatTelemetryStatus(telemetryStatus({ url: null, key: null }, nothing));
  expect(text).toMatch(/^Telemetry: +inactive$/m);
  expect(text).toMatch(/^URL: +not set$/m);
  expect(text).toMatch(/^Key: +not set$/m);
  expect(text).toMatch(/MURMUR8_TELEMETRY_URL/);
});

test('spec telemetry-config: active with URL, masked key, queue depth and last delivery', () => {
  const text = formatTelemetryStatus(
    telemetryStatus(
      { url: 'https://telemetry.example.com/in', key: 'sk-abcdefgh1234' },
      {
        queueDepth: 2,
        outboxDepth: 1,
        lastDelivery: {
          at: '2026-11-21T10:00:00.000Z',
          outcome: 'failed',
          httpStatus: 503,
          error: 'not available',
        },
      },
    ),
  );
  expect(text).toMatch(/^Telemetry: +active$/m);
  expect(text).toMatch(/^URL: +https:\/\/telemetry\.example\.com\/in$/m);
  expect(text).toMatch(/^Key: +sk-\*\*\*\*1234$/m);
  expect(text).toMatch(/^Queue: +2 payloads waiting$/m);
  expect(text).toMatch(/^Outbox: +1 payload waiting$/m);
  expect(text).toMatch(/^Last delivery: 2026-11-21T10:00:00\.000Z failed \(HTTP 503\): not available$/m);
  expect(text).not.toContain('abcdefgh');
  expect(text).not.toContain('warning');
});

test.each([
  ['http://telemetry.example.com', /unencrypted; use https/],
  ['http://localhost:9000', /local \(loopback\)/],
  ['telemetry.example.com', /malformed/],
])('spec telemetry-config: warns about %s', (url, warning) => {
  const { warnings } = telemetryStatus({ url, key: null }, nothing);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(warning);
});
