import { describe, expect, it } from 'vitest';
import { acpFailure, stopFailure } from '../../../src/core/agent/acp-failure.ts';
import { acpQuestion, permissionQuestion } from '../../../src/core/agent/acp-question.ts';
import { createAcpReader } from '../../../src/core/agent/acp-update.ts';
import { acpUsage } from '../../../src/core/agent/acp-usage.ts';

const chunk = (text: string, messageId?: string) => ({
  sessionUpdate: 'agent_message_chunk',
  content: { type: 'text', text },
  messageId,
});

describe('session updates', () => {
  it('give text out whole, when something else follows or another message begins', () => {
    const reader = createAcpReader('/p');
    expect([chunk('Hel', 'a'), chunk('lo', 'a')].flatMap(reader.update)).toEqual([]);
    expect(reader.update(chunk('Next', 'b'))).toEqual([{ type: 'message', text: 'Hello' }]);
    expect(
      reader.update({ sessionUpdate: 'tool_call', toolCallId: '1', title: 'Run it', kind: 'execute' }),
    ).toEqual([
      { type: 'message', text: 'Next' },
      { type: 'tool', phase: 'start', id: '1', name: 'execute', subject: 'Run it' },
    ]);
  });

  it('put together what several updates tell of a tool', () => {
    const reader = createAcpReader('/p');
    // So far it is only known that there will be one.
    expect(
      reader.update({ sessionUpdate: 'tool_call', toolCallId: '1', title: 'Edit', status: 'pending' }),
    ).toEqual([]);
    expect(reader.toolRunning()).toBe(true);
    expect(
      reader.update({
        sessionUpdate: 'tool_call_update',
        toolCallId: '1',
        kind: 'edit',
        locations: [{ path: '/p/src/a.js' }],
        content: [{ type: 'diff', path: 'a.js', oldText: null, newText: 'x' }],
      }),
    ).toEqual([{ type: 'tool', phase: 'start', id: '1', name: 'edit', subject: 'src/a.js' }]);
    expect(reader.tool({ toolCallId: '1' })).toMatchObject({ kind: 'edit', paths: ['/p/src/a.js'] });
    expect(
      reader.update({ sessionUpdate: 'tool_call_update', toolCallId: '1', status: 'completed' }),
    ).toEqual([
      { type: 'tool', phase: 'end', id: '1', ok: true, name: 'edit' },
      { type: 'file', path: 'src/a.js', kind: 'create' },
    ]);
    expect(reader.toolRunning()).toBe(false);
    expect(
      reader.update({ sessionUpdate: 'tool_call_update', toolCallId: '1', status: 'completed' }),
    ).toEqual([]);
    expect(reader.rounds()).toBe(1);
  });

  it('bear what is of another form, and keep what is unknown', () => {
    const reader = createAcpReader('/p');
    for (const odd of [
      undefined,
      null,
      7,
      {},
      { sessionUpdate: 'tool_call' },
      { sessionUpdate: 'plan', entries: 'x' },
    ])
      expect(() => reader.update(odd)).not.toThrow();
    expect(reader.update({ sessionUpdate: 'of_tomorrow', a: 1 })).toEqual([
      { type: 'raw', text: '{"sessionUpdate":"of_tomorrow","a":1}' },
    ]);
    expect(reader.active()).toBe(false);
  });

  it('tell the cost in dollars only', () => {
    const reader = createAcpReader('/p');
    const cost = (amount: number, currency: string) =>
      reader.update({ sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount, currency } });
    cost(3, 'EUR');
    expect(reader.costMicroUsd()).toBeUndefined();
    cost(0.0241, 'USD');
    expect(reader.costMicroUsd()).toBe(24_100);
  });
});

describe('the usage of a turn', () => {
  const turn = {
    costMicroUsd: undefined,
    contextTokens: undefined,
    leastRequests: 1,
    messageUsage: undefined,
  };

  it('does not count what came from the cache twice', () => {
    const usage = (more: object) =>
      acpUsage(
        { usage: { inputTokens: 100, outputTokens: 10, cachedReadTokens: 40, ...more } },
        { ...turn, costMicroUsd: 5 },
      );
    expect(usage({ totalTokens: 150 })).toEqual({ input: 100, output: 10, cacheRead: 40, costMicroUsd: 5 });
    expect(usage({ totalTokens: 110 })).toEqual({ input: 60, output: 10, cacheRead: 40, costMicroUsd: 5 });
  });

  it('is unknown where it is not told, and only its cost known where that is', () => {
    expect(acpUsage({ stopReason: 'end_turn' }, turn)).toBeUndefined();
    expect(acpUsage({ usage: { inputTokens: 0, outputTokens: 0 } }, turn)).toBeUndefined();
    expect(acpUsage({ stopReason: 'end_turn' }, { ...turn, costMicroUsd: 5 })).toEqual({
      input: 0,
      output: 0,
      tokensIncomplete: true,
      costMicroUsd: 5,
    });
    expect(
      acpUsage({ _meta: { quota: { token_count: { input_tokens: 7, output_tokens: 3 } } } }, turn),
    ).toEqual({ input: 7, output: 3 });
  });

  it('is not taken for that of the turn when it can only be that of the last request', () => {
    const usage = (inputTokens: number, leastRequests: number) =>
      acpUsage({ usage: { inputTokens, outputTokens: 5 } }, { ...turn, contextTokens: 200, leastRequests });
    expect(usage(200, 3)).toEqual({ input: 200, output: 5, tokensIncomplete: true });
    expect(usage(450, 3)).toEqual({ input: 450, output: 5 });
    expect(usage(200, 1)).toEqual({ input: 200, output: 5 });
  });

  it('is summed where each message tells its own', () => {
    const reader = createAcpReader('/p');
    for (const [promptTokens, cachedTokens] of [
      [100, 20],
      [300, 90],
    ])
      reader.update({
        ...chunk(''),
        _meta: { usage: { promptTokens, completionTokens: 7, cachedTokens } },
      });
    expect(reader.messageUsage()).toEqual({ input: 290, output: 14, cacheRead: 110 });
    expect(reader.active()).toBe(false);
  });
});

describe('a failed request', () => {
  it.each([
    [{ code: -32000, message: 'Authentication required' }, 'auth', undefined],
    [{ code: -32603, message: 'Internal error', data: { errorKind: 'rate_limit' } }, 'quota', undefined],
    [
      { code: -32603, message: 'Internal error', data: { details: 'busy', statusCode: 529 } },
      'overloaded',
      529,
    ],
    [{ code: 500, message: '{"error":{"code":401,"message":"bad key"}}' }, 'auth', 401],
    [{ code: -32603, message: '{"error":{"code": 401,"message":"bad key"}}' }, 'auth', 401],
    [{ code: -32603, message: 'prompt is too long' }, 'context', undefined],
    [{ code: -32603, message: 'something' }, 'agent', undefined],
    [{ code: -32603, message: 'Internal error', data: { errorKind: 'billing_error' } }, 'billing', undefined],
    [
      { code: -32603, message: 'Internal error: no', data: { errorName: 'ProviderAuthError' } },
      'auth',
      undefined,
    ],
    [
      {
        code: 429,
        message:
          '{"error":{"code":429,"message":"pay","details":[{"reason":"INSUFFICIENT_G1_CREDITS_BALANCE"}]}}',
      },
      'billing',
      429,
    ],
    [{ code: 503, message: 'busy' }, 'overloaded', 503],
  ])('is told by its code and data before its wording: %#', (error, reason, status) => {
    expect(acpFailure(error)).toMatchObject({ reason, ...(status === undefined ? {} : { status }) });
  });

  it.each([
    [{ code: 429, message: 'slow down\nSuggested retry after 3600s.' }, { retryAfterMs: 3_600_000 }],
    [
      { code: -32603, message: 'no', data: { statusCode: 429, responseHeaders: { 'Retry-After': '7' } } },
      { retryAfterMs: 7_000 },
    ],
    [
      {
        code: -32603,
        message: 'no',
        data: { responseHeaders: { 'retry-after': 'Sat, 21 Nov 2026 18:00:00 GMT' } },
      },
      { retryAt: Date.UTC(2026, 10, 21, 18) },
    ],
    [{ code: 429, message: 'no', data: { retryAfter: 1.5 } }, { retryAfterMs: 1_500 }],
    [
      {
        code: 429,
        message: 'no',
        data: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' }] },
      },
      { retryAfterMs: 30_000 },
    ],
  ])('tells when the service returns, where it was told: %#', (error, time) => {
    expect(acpFailure(error)).toMatchObject(time);
  });

  it('is none where the turn ended well', () => {
    expect(stopFailure('end_turn')).toBeUndefined();
    expect(stopFailure('of_tomorrow')?.reason).toBe('agent');
    expect(stopFailure(undefined)?.reason).toBe('agent');
  });
});

describe('a question', () => {
  it('names the fields and what may stand in them', () => {
    const requestedSchema = {
      properties: {
        name: { type: 'string', title: 'Name', description: 'yours' },
        size: {
          type: 'string',
          oneOf: [
            { const: 's', title: 'Small' },
            { const: 'l', title: 'Large' },
          ],
        },
        tags: { type: 'array', items: { enum: ['a', 'b'] } },
        sure: { type: 'boolean' },
      },
      required: ['name', 'size'],
    };
    expect(acpQuestion({ mode: 'form', message: 'Tell me.', requestedSchema })).toBe(
      'Tell me.\n- Name: yours\n- size [Small | Large]\n- tags (optional) [a | b]\n- sure (optional) [yes | no]',
    );
    expect(acpQuestion({ mode: 'url', message: 'Log in.', url: 'https://example.com/x' })).toBe(
      'Log in.\nOpen https://example.com/x',
    );
    expect(acpQuestion({ message: ' ' })).toBeUndefined();
  });

  it('is bounded and without escapes, whatever an agent puts into it', () => {
    const evil = `\x1b]0;owned\x07\x1b[2J${'x'.repeat(1_000_000)}`;
    const properties = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [
        `${index}\nInjected: `,
        { title: index === 0 ? undefined : evil, enum: Array.from({ length: 500 }, () => evil) },
      ]),
    );
    const text = acpQuestion({ message: evil, requestedSchema: { properties }, url: evil }) ?? '';
    expect(text.length).toBeLessThan(30_000);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    expect(text).toContain('\n- 0 Injected:');
    expect(text).toContain('488 more');
  });

  const asked = (options: readonly object[], toolCall: Record<string, unknown> = {}) =>
    permissionQuestion({ toolCall, options }, createAcpReader('/p').tool(toolCall));
  const way = (name: string, kind = 'allow_once') => ({ optionId: name, name, kind });

  it('may come as a permission request, with several ways to go on or as input of a tool that asks', () => {
    expect(asked([way('SQL'), way('Files'), way('Stop', 'reject_once')], { title: 'Which store?' })).toBe(
      'Which store?\n- SQL\n- Files',
    );
    const questions = [{ question: 'Which colour?', options: [{ label: 'Red' }, { label: 'Blue' }] }];
    expect(asked([way('Submit'), way('Cancel', 'reject_once')], { rawInput: { questions } })).toBe(
      'Which colour?\n- Red\n- Blue',
    );
  });

  it('is not what a permission request about a tool is', () => {
    expect(asked([way('Yes'), way('No', 'reject_once')], { title: 'Go on?' })).toBeUndefined();
    expect(
      asked([way('Once'), way('In this folder')], { kind: 'edit', locations: [{ path: '/p/a' }] }),
    ).toBeUndefined();
    expect(asked([way('Once'), way('Sandboxed')], { rawInput: { command: 'ls' } })).toBeUndefined();
  });
});
