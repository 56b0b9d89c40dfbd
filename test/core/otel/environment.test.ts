import { describe, expect, test } from 'vitest';
import { callerOf, traceExport } from '../../../src/core/otel/environment.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };

describe('whether traces are sent', () => {
  test.each([
    ['an endpoint for everything', ENDPOINT],
    [
      'an endpoint for traces',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example.com/v1/traces' },
    ],
    ['exporters of which one is ours', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'console, otlp' }],
    ['a protocol over HTTP', { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }],
    ['an SDK that is not disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }],
    [
      'a protocol for traces that overrules the other',
      {
        ...ENDPOINT,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      },
    ],
  ])('%s switches them on', (_title, environment) => {
    expect(traceExport(environment)).toEqual({ kind: 'on' });
  });

  test.each([
    ['nothing set', {}],
    ['an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['headers alone', { OTEL_EXPORTER_OTLP_HEADERS: 'a=b' }],
    ['a disabled SDK', { ...ENDPOINT, OTEL_SDK_DISABLED: 'True' }],
    ['the exporter none', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
    ['an exporter that is not ours', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }],
  ])('%s leaves them off', (_title, environment) => {
    expect(traceExport(environment)).toEqual({ kind: 'off' });
  });

  test.each([
    [
      'an endpoint without http',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' },
      'OTEL_EXPORTER_OTLP_ENDPOINT',
    ],
    [
      'a malformed endpoint for traces',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '/v1/traces' },
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    ],
    ['gRPC', { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'grpc'],
  ])('%s is said to be unusable, by its name', (_title, environment, named) => {
    const found = traceExport(environment);
    expect(found).toMatchObject({ kind: 'unusable', problem: { message: expect.stringContaining(named) } });
  });
});

describe('the caller', () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c';
  const SPAN = 'b7ad6b7169203331';

  test.each([
    ['the present form', `00-${TRACE}-${SPAN}-01`],
    ['an unsampled one', `00-${TRACE}-${SPAN}-00`],
    ['a later version with more fields', `cc-${TRACE}-${SPAN}-01-what-comes`],
  ])('is read from TRACEPARENT in %s', (_title, value) => {
    expect(callerOf({ TRACEPARENT: value })).toEqual({ traceId: TRACE, spanId: SPAN });
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['all zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['without a span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['in capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['of the version that may not be', `ff-${TRACE}-${SPAN}-01`],
    ['of the first version with more fields', `00-${TRACE}-${SPAN}-01-more`],
    ['cut off', `00-${TRACE}-${SPAN}`],
  ])('is nobody where TRACEPARENT is %s', (_title, value) => {
    expect(callerOf({ TRACEPARENT: value })).toBeUndefined();
  });
});
