import { describe, expect, it } from 'vitest';
import { errorReason, isUnknownModel } from '../../../src/core/agent/error-reason.ts';

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
    [400, 'Your credit balance is too low', 'billing'],
    [402, '', 'billing'],
    [429, 'You exceeded your current quota, please check your plan and billing details.', 'quota'],
    [403, 'This API method requires billing to be enabled.', 'billing'],
    [500, 'billing_error', 'unavailable'],
    [undefined, 'Quota exceeded. Check your plan and billing details.', 'billing'],
    [undefined, 'You’ve hit your usage limit. Upgrade to Pro to purchase more credits.', 'quota'],
    [undefined, 'Not logged in · Please run /login', 'auth'],
    [undefined, 'Unable to connect to API (ECONNREFUSED)', 'unavailable'],
    [undefined, 'API returned an empty or malformed response (HTTP 200)', 'unavailable'],
    [undefined, 'something else', 'agent'],
  ] as const)('for status %s and %j is %s', (status, message, reason) => {
    expect(errorReason(status, message)).toBe(reason);
  });

  it('is found in the body of an answer whose message does not tell a limit from a bill', () => {
    const message = 'You exceeded your current quota, please check your plan and billing details.';
    expect(errorReason(429, message, '{"error":{"code":"insufficient_quota"}}')).toBe('billing');
    expect(errorReason(429, message, '{"error":{"code":"rate_limit_exceeded"}}')).toBe('quota');
  });
});

describe('a model that nobody knows', () => {
  it.each([
    "There's an issue with the selected model (claude-x). It may not exist or you may not have access to it.",
    'The model `gpt-5.9` does not exist or you do not have access to it.',
    "The 'gpt-x' model is not supported when using Codex with a ChatGPT account.",
    '[API Error: models/nope is not found for API version v1beta]',
    'Model not found: scripted/nope.',
    'unknown model nope',
  ])('is told by %j', (text) => expect(isUnknownModel(text)).toBe(true));

  it.each(['The model is overloaded', 'file not found: model.md', 'Prompt is too long for this model'])(
    'is not told by %j',
    (text) => expect(isUnknownModel(text)).toBe(false),
  );
});
