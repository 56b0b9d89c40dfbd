import { describe, expect, it } from 'vitest';
import { errorReason } from '../../../src/core/agent/error-reason.ts';

describe('the reason of an error', () => {
  it.each([
    [401, '', 'auth'],
    [403, 'connection', 'auth'],
    [429, '', 'quota'],
    [529, '', 'overloaded'],
    [503, '', 'overloaded'],
    [500, 'overloaded by words', 'unavailable'],
    [400, 'Prompt is too long', 'context'],
    [400, 'connection is not a valid field', 'agent'],
    [400, 'Your credit balance is too low', 'quota'],
    [undefined, 'Not logged in · Please run /login', 'auth'],
    [undefined, 'Unable to connect to API (ECONNREFUSED)', 'unavailable'],
    [undefined, 'API returned an empty or malformed response (HTTP 200)', 'unavailable'],
    [undefined, 'something else', 'agent'],
  ] as const)('for status %s and %j is %s', (status, message, reason) => {
    expect(errorReason(status, message)).toBe(reason);
  });
});
