import { describe, expect, it } from 'vitest';
import { acpFailure, stopFailure } from '../../../src/core/agent/acp-failure.ts';
import { acpQuestion } from '../../../src/core/agent/acp-question.ts';
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
    reader.update({ sessionUpdate: 'tool_call', toolCallId: '1', title: 'Edit', status: 'pending' });
    expect(reader.toolRunning()).toBe(true);
    expect(
      reader.update({
        sessionUpdate: 'tool_call_update',
        toolCallId: '1',
        kind: 'edit',
        locations: [{ path: '/p/src/a.js' }],
        content: [{ type: 'diff', path: 'a.js', oldText: null, newText: 'x' }],
      }),
    ).toEqual([]);
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
    expect(reader.toolCalls()).toBe(1);
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
  it('does not count what came from the cache twice', () => {
    const usage = (more: object) =>
      acpUsage({ usage: { inputTokens: 100, outputTokens: 10, cachedReadTokens: 40, ...more } }, 5);
    expect(usage({ totalTokens: 150 })).toEqual({ input: 100, output: 10, cacheRead: 40, costMicroUsd: 5 });
    expect(usage({ totalTokens: 110 })).toEqual({ input: 60, output: 10, cacheRead: 40, costMicroUsd: 5 });
  });

  it('is unknown where it is not told, whatever it cost', () => {
    expect(acpUsage({ stopReason: 'end_turn' }, 5)).toBeUndefined();
    expect(
      acpUsage({ _meta: { quota: { token_count: { input_tokens: 7, output_tokens: 3 } } } }, undefined),
    ).toEqual({ input: 7, output: 3 });
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
    [{ code: 500, message: '{"error":{"code":401,"message":"bad key"}}' }, 'unavailable', 500],
    [{ code: -32603, message: '{"error":{"code": 401,"message":"bad key"}}' }, 'auth', 401],
    [{ code: -32603, message: 'prompt is too long' }, 'context', undefined],
    [{ code: -32603, message: 'something' }, 'agent', undefined],
  ])('is told by its code and data before its wording: %#', (error, reason, status) => {
    expect(acpFailure(error)).toMatchObject({ reason, ...(status === undefined ? {} : { status }) });
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
      },
      required: ['name', 'size'],
    };
    expect(acpQuestion({ mode: 'form', message: 'Tell me.', requestedSchema })).toBe(
      'Tell me.\n- Name: yours\n- size [Small | Large]\n- tags (optional) [a | b]',
    );
    expect(acpQuestion({ mode: 'url', message: 'Log in.', url: 'https://example.com/x' })).toBe(
      'Log in.\nOpen https://example.com/x',
    );
    expect(acpQuestion({ message: ' ' })).toBeUndefined();
  });
});
