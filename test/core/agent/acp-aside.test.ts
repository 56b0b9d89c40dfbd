import { describe, expect, it } from 'vitest';
import { ASIDE, createAcpAsideReader } from '../../../src/core/agent/acp-aside.ts';

const aside = (told: unknown) => `${ASIDE}${JSON.stringify(told)}`;
const RETRY = aside({ retry: { message: 'Too Many Requests', delayMs: 3_600_000.4 } });
const step = (tokens: object, reason = 'stop', cost = 0.000_000_4) =>
  aside({ step: { tokens, reason, cost } });

describe('what an agent tells besides the protocol', () => {
  it('is that its model failed, and how long it will wait', () => {
    const reader = createAcpAsideReader();
    expect(reader.line(RETRY)).toEqual([
      { type: 'retry', attempt: 1, message: 'Too Many Requests', delayMs: 3_600_000 },
    ]);
    expect(reader.failure()).toEqual({ reason: 'quota', message: 'Too Many Requests' });
    expect(
      reader.line(
        'Attempt 3 failed with status 503. Retrying with backoff... _ApiError: {"error":{"code":503,"message":"busy"}}',
      ),
    ).toEqual([{ type: 'retry', attempt: 2, status: 503, message: 'busy' }]);
    expect(reader.line('Attempt 4 failed: busy. Max attempts reached')).toMatchObject([{ attempt: 3 }]);
  });

  it('is forgotten once something is heard, but an answer that breaks off again and again is hopeless', () => {
    const reader = createAcpAsideReader();
    const line = 'Attempt 1 failed: Too Many Requests. Max attempts reached';
    for (let index = 0; index < 4; index += 1) {
      reader.line(line);
      reader.heard(false);
    }
    expect(reader.failure()).toBeUndefined();
    expect(reader.hopeless()).toBeUndefined();
    reader.line(line);
    expect(reader.hopeless()).toEqual({
      reason: 'quota',
      message: 'the model failed 5 times in a row: Too Many Requests',
    });
    reader.heard(true);
    expect(reader.hopeless()).toBeUndefined();
  });

  it('is when the service returns, in whichever line that stands', () => {
    const reader = createAcpAsideReader();
    expect(reader.line('Attempt 1 failed: slow down')).toEqual([]);
    expect(reader.line('Suggested retry after 90s.. Retrying after 95000ms...')).toEqual([
      { type: 'retry', attempt: 1, message: 'slow down Suggested retry after 90s', delayMs: 95_000 },
    ]);
    expect(reader.returns()).toEqual({ retryAfterMs: 90_000 });
    reader.heard(false);
    expect(reader.returns()).toEqual({});
    expect(reader.line('something else')).toEqual([]);
  });

  it('is awaited of opencode until it gives up by itself, since only then it tells a status', () => {
    const reader = createAcpAsideReader();
    for (let index = 0; index < 5; index += 1) reader.line(RETRY);
    expect(reader.hopeless()).toBeUndefined();
    reader.line(RETRY);
    expect(reader.hopeless()).toMatchObject({ reason: 'quota' });
  });

  it('is hopeless when the model answers nothing, time after time', () => {
    const reader = createAcpAsideReader();
    const nothing = step({ input: 0, output: 0 }, 'unknown');
    for (let index = 0; index < 5; index += 1) reader.line(nothing);
    expect(reader.hopeless()).toBeUndefined();
    reader.line(nothing);
    expect(reader.hopeless()).toMatchObject({ reason: 'unavailable' });
  });

  it('is what each request used, summed without rounding each', () => {
    const reader = createAcpAsideReader();
    for (let index = 0; index < 3; index += 1)
      reader.line(step({ input: 10, output: 2, reasoning: 1, cache: { read: 5, write: 0 } }));
    expect(reader.usage()).toEqual({ input: 30, output: 9, cacheRead: 15, cacheWrite: 0, costMicroUsd: 1 });
  });

  it('is how the service put it when it failed for good', () => {
    const reader = createAcpAsideReader();
    reader.line(
      aside({
        error: {
          errorName: 'APIError',
          message: 'no',
          statusCode: 429,
          responseHeaders: { 'retry-after': '60' },
          body: '{"error":{"message":"no","type":"insufficient_quota"}}',
        },
      }),
    );
    expect(reader.final()).toEqual({ reason: 'billing', status: 429, message: 'no', retryAfterMs: 60_000 });
  });

  it('is an overload by its status, whatever the service calls it', () => {
    const reader = createAcpAsideReader();
    const body = '{"error":{"message":"busy","type":"server_error"}}';
    reader.line(aside({ error: { errorName: 'APIError', message: 'busy', statusCode: 503, body } }));
    expect(reader.final()).toMatchObject({ reason: 'overloaded', status: 503 });
  });

  it('bears lines of another form', () => {
    const reader = createAcpAsideReader();
    for (const line of ['', 'Attempt', ASIDE, `${ASIDE}{"retry":7}`, `${ASIDE}{"step":{}}`, '{}'])
      expect(reader.line(line)).toEqual([]);
    expect(reader.usage()).toBeUndefined();
    expect(reader.failure()).toBeUndefined();
  });
});
