import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Span } from '../../../src/core/otel/span.ts';
import { exportSpans } from '../../../src/edges/otel/export-spans.ts';
import {
  answers,
  type OtlpBehaviour,
  type OtlpReceiver,
  startOtlpReceiver,
} from '../../rig/otlp-receiver.ts';

let receiver: OtlpReceiver | undefined;
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver?.close();
});

async function collect(behaviour?: OtlpBehaviour): Promise<OtlpReceiver> {
  receiver = await startOtlpReceiver(behaviour);
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/own/path`);
  return receiver;
}

function spans(count: number): Span[] {
  const traceId = 'a'.repeat(32);
  return Array.from({ length: count }, (_, index) => ({
    traceId,
    spanId: (index + 1).toString(16).padStart(16, '0'),
    ...(index === 0 ? {} : { parentSpanId: '1'.padStart(16, '0') }),
    name: `span ${index}`,
    kind: index === 0 ? 'server' : 'internal',
    startedAt: Date.parse('2026-01-05T09:00:00.123Z'),
    endedAt: Date.parse('2026-01-05T09:00:01.000Z'),
    attributes: { whole: 3, part: 0.25, yes: true, word: 'w' },
    events: [{ name: 'moment', at: Date.parse('2026-01-05T09:00:00.500Z'), attributes: { n: 1 } }],
    links: [],
    isError: index === 1,
  }));
}

test('a span arrives as it was, with times to the millisecond, at the address for traces', async () => {
  const { requests } = await collect();
  expect(await exportSpans(spans(2), '5.0.0')).toEqual({ ok: true, value: 1 });
  expect(requests.map(({ path }) => path)).toEqual(['/own/path']);
  expect(requests[0]?.spans).toMatchObject([
    {
      kind: 2,
      status: 0,
      parentSpanId: undefined,
      start: 1_767_603_600_123_000_000n,
      end: 1_767_603_601_000_000_000n,
      attributes: { whole: 3, part: 0.25, yes: true, word: 'w' },
      events: [{ name: 'moment', attributes: { n: 1 } }],
      resource: { 'service.name': 'murmur8', 'service.version': '5.0.0' },
    },
    { kind: 1, status: 2, parentSpanId: '1'.padStart(16, '0') },
  ]);
});

test('a long trace is sent in parts, the run first, each span once', async () => {
  const { requests } = await collect();
  expect(await exportSpans(spans(1100), '5.0.0')).toEqual({ ok: true, value: 3 });
  expect(requests.map((request) => request.spans.length)).toEqual([512, 512, 76]);
  expect(requests.flatMap((request) => request.spans.map(({ name }) => name))).toEqual(
    spans(1100).map(({ name }) => name),
  );
});

test('what the endpoint refuses for good is not sent again, and nothing after it', async () => {
  const { requests } = await collect((response, index) => answers(response, index === 1 ? 413 : 200));
  expect(await exportSpans(spans(1100), '5.0.0')).toEqual({ ok: false, error: 'the endpoint answered 413' });
  expect(requests).toHaveLength(2);
});

test('a redirect is not followed', async () => {
  const elsewhere = await startOtlpReceiver();
  const { requests } = await collect((response) => answers(response, 307, { Location: elsewhere.url }));
  expect(await exportSpans(spans(1), '5.0.0')).toEqual({ ok: false, error: 'the endpoint answered 307' });
  expect(requests).toHaveLength(1);
  expect(elsewhere.requests).toEqual([]);
  await elsewhere.close();
});
