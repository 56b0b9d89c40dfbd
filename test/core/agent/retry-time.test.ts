import { describe, expect, it } from 'vitest';
import { retryTimeIn, retryTimeOfBody, retryTimeOfHeaders } from '../../../src/core/agent/retry-time.ts';

describe('when a service will answer again', () => {
  it.each([
    ['rate limit exceeded: Rate limit reached for gpt-5.5. Please try again in 20s.', 20_000],
    ['Please try again in 1.898s.', 1_898],
    ['Please try again in 6m0s.', 360_000],
    ['try again in 250ms', 250],
    ['[API Error: slow down\nSuggested retry after 20.5s.]\nPlease wait and try again later.', 20_500],
    ['{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}', 7_000],
    ['Your quota will reset after 3h20m10s.', 12_010_000],
    ['try again in 2 days 1 hour 3 minutes', 176_580_000],
    ['{"error":{"type":"usage_limit_reached","resets_in_seconds":3600}}', 3_600_000],
  ])('is read out of %j', (text, retryAfterMs) => {
    expect(retryTimeIn(text)).toEqual({ retryAfterMs });
  });

  it.each([
    ['Claude AI usage limit reached|1795285903', 1_795_285_903_000],
    ['{"error":{"resets_at":1795285903}}', 1_795_285_903_000],
  ])('is the moment in %j', (text, retryAt) => {
    expect(retryTimeIn(text)).toEqual({ retryAt });
  });

  it.each(['try again later', 'rate limit', 'retried 3 times', 'try again in 99999999 days', ''])(
    'is not told by %j',
    (text) => expect(retryTimeIn(text)).toEqual({}),
  );

  it('is what the headers say, in whatever case', () => {
    expect(retryTimeOfHeaders({ 'Retry-After': '7' })).toEqual({ retryAfterMs: 7_000 });
    expect(retryTimeOfHeaders({ 'retry-after-ms': '250', 'retry-after': '7' })).toEqual({
      retryAfterMs: 250,
    });
    expect(retryTimeOfHeaders({ 'retry-after': 'Sat, 21 Nov 2026 17:35:20 GMT' })).toEqual({
      retryAt: Date.parse('2026-11-21T17:35:20Z'),
    });
    expect(retryTimeOfHeaders({ 'content-type': 'text/html' })).toEqual({});
    expect(retryTimeOfHeaders(undefined)).toEqual({});
  });

  it('is the last of the limits that are used up', () => {
    expect(
      retryTimeOfHeaders({
        'anthropic-ratelimit-requests-reset': '2026-11-21T18:00:00Z',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2026-11-21T19:00:00Z',
        'anthropic-ratelimit-tokens-remaining': '12',
      }),
    ).toEqual({ retryAt: Date.parse('2026-11-21T18:00:00Z') });
    expect(
      retryTimeOfHeaders({
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': '1795285903',
      }),
    ).toEqual({ retryAt: 1_795_285_903_000 });
  });

  it('is what the body of the answer says', () => {
    expect(retryTimeOfBody({ error: { resets_at: 1_795_285_903, resets_in_seconds: 3 } })).toEqual({
      retryAt: 1_795_285_903_000,
    });
    expect(retryTimeOfBody({ error: { details: [{ retryDelay: '20.5s' }] } })).toEqual({
      retryAfterMs: 20_500,
    });
    expect(retryTimeOfBody('<html>')).toEqual({});
    expect(retryTimeOfBody(undefined)).toEqual({});
  });
});
