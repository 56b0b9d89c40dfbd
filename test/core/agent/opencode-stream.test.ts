import { describe, expect, it } from 'vitest';
import { opencodeSettings } from '../../../src/core/agent/opencode-settings.ts';
import { createOpencodeReader } from '../../../src/core/agent/opencode-stream.ts';

const of = (type: string, part: object = {}, more: object = {}) =>
  JSON.stringify({ type, sessionID: 'ses_1', part, ...more });
const finish = (reason: string, cost: number | undefined = 0.0001) =>
  of('step_finish', {
    reason,
    cost,
    tokens: { input: 100, output: 10, reasoning: 5, cache: { read: 20, write: 0 } },
  });
const read = (lines: readonly string[], maxTurns?: number, maxCostMicroUsd?: number) => {
  const reader = createOpencodeReader({ cwd: '/p', model: 'x/m', maxTurns, maxCostMicroUsd });
  return { reader, events: lines.flatMap((line) => reader.line(line)) };
};

describe('the lines of opencode', () => {
  it('tell what was said, done, changed and refused, and sum what was used', () => {
    const { reader, events } = read([
      of('step_start'),
      of('text', { text: 'I write.' }),
      of('tool_use', {
        tool: 'write',
        callID: '1',
        state: { status: 'completed', input: { filePath: '/p/a.md' }, metadata: { exists: false } },
      }),
      of('tool_use', {
        tool: 'bash',
        callID: '2',
        state: {
          status: 'error',
          input: { command: 'rm x' },
          error: 'The user has specified a rule which prevents this',
        },
      }),
      finish('tool-calls'),
      of('step_start'),
      of('text', { text: 'Done.' }),
      finish('stop'),
    ]);
    expect(events).toEqual([
      { type: 'started', sessionId: 'ses_1', model: 'x/m' },
      { type: 'message', text: 'I write.' },
      { type: 'tool', phase: 'start', id: '1', name: 'write', subject: 'a.md' },
      { type: 'tool', phase: 'end', id: '1', name: 'write', ok: true },
      { type: 'file', path: 'a.md', kind: 'create' },
      { type: 'tool', phase: 'start', id: '2', name: 'bash', subject: 'rm x' },
      { type: 'permission', id: '2', name: 'bash', allowed: false, message: 'this role may not do that' },
      { type: 'tool', phase: 'end', id: '2', name: 'bash', ok: false },
      { type: 'usage', usage: { input: 100, output: 15, cacheRead: 20, cacheWrite: 0, costMicroUsd: 100 } },
      { type: 'message', text: 'Done.' },
      { type: 'usage', usage: { input: 200, output: 30, cacheRead: 40, cacheWrite: 0, costMicroUsd: 200 } },
      { type: 'result', text: 'Done.', turns: 2 },
    ]);
    expect(reader.result()).toMatchObject({ ok: true, text: 'Done.' });
  });

  it('rounds a sum and not its parts', () => {
    const { reader } = read([1, 2, 3, 4].map(() => finish('stop', 0.0000004)));
    expect(reader.result()?.usage?.costMicroUsd).toBe(2);
  });

  it.each([
    [[finish('tool-calls')], 'agent'],
    [[finish('length')], 'context'],
    [[finish('content-filter')], 'refused'],
    [[finish('unknown')], 'unavailable'],
    [[of('error', {}, { error: { name: 'APIError', data: { message: 'no', statusCode: 401 } } })], 'auth'],
    [
      [of('error', {}, { error: { name: 'APIError', data: { message: 'slow down', statusCode: 429 } } })],
      'quota',
    ],
    [
      [finish('stop'), of('error', {}, { error: { name: 'ProviderAuthError', data: { message: 'no' } } })],
      'auth',
    ],
  ])('take nothing but a last step that ended for a success: %#', (lines, reason) => {
    expect(read(lines).reader.result()).toMatchObject({ ok: false, reason });
  });

  it('have no result in the middle of a step', () => {
    expect(read([finish('tool-calls'), of('step_start')]).reader.result()).toBeUndefined();
    expect(read([]).reader.result()).toBeUndefined();
  });

  it('show an agent that goes round in a circle, or takes too many steps', () => {
    const spent = [finish('tool-calls'), finish('tool-calls')];
    expect(read(spent, undefined, 200).reader.overLimit()).toBeUndefined();
    expect(read(spent, undefined, 199).reader.overLimit()).toMatchObject({ reason: 'budget' });
    const nothing = [of('step_start'), finish('unknown')];
    expect(read([...nothing, ...nothing, ...nothing, ...nothing]).reader.overLimit()).toBeUndefined();
    expect(read([1, 2, 3, 4, 5].flatMap(() => nothing)).reader.overLimit()).toMatchObject({
      reason: 'unavailable',
    });
    const fruit = [of('step_start'), of('text', { text: 'x' }), finish('tool-calls')];
    expect(read([...fruit, ...fruit], 2).reader.overLimit()).toBeUndefined();
    expect(read([...fruit, ...fruit, ...fruit], 2).reader.overLimit()).toMatchObject({
      reason: 'turn-limit',
    });
  });
});

describe('the settings of a role', () => {
  it('leave nothing to be asked', () => {
    const settings = JSON.parse(
      opencodeSettings(['Read', 'Bash(git log *)'], '/tmp/own', ['../own/answer.json'], 'file:///own.js'),
    );
    expect(settings.agent.murmur8.permission).toMatchObject({
      '*': 'deny',
      edit: { '*': 'deny', '../own/answer.json': 'allow' },
      bash: { '*': 'deny', 'git log *': 'allow' },
      webfetch: 'deny',
      external_directory: { '*': 'deny', '/tmp/own/*': 'allow' },
    });
    expect(JSON.stringify(settings)).not.toContain('ask');
  });
});
