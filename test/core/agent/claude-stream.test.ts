import { describe, expect, it } from 'vitest';
import { createClaudeReader } from '../../../src/core/agent/claude-stream.ts';

const read = (...records: unknown[]) => {
  const reader = createClaudeReader('/work');
  const events = records.flatMap((record) =>
    reader.line(typeof record === 'string' ? record : JSON.stringify(record)),
  );
  return { reader, events };
};
const toolUse = (id: string, name: string, input: object) => ({
  type: 'assistant',
  message: { content: [{ type: 'tool_use', id, name, input }] },
});
const toolResult = (id: string, more: object, outcome?: object) => ({
  type: 'user',
  message: { content: [{ type: 'tool_result', tool_use_id: id, ...more }] },
  tool_use_result: outcome,
});

describe('the reader of Claude Code', () => {
  it('follows a tool from its start to its end and the file it changed', () => {
    const { reader, events } = read(
      toolUse('t1', 'Edit', { file_path: '/work/src/a.ts' }),
      toolResult('t1', {}, { filePath: '/work/src/a.ts', structuredPatch: [] }),
    );
    expect(events).toEqual([
      { type: 'tool', phase: 'start', id: 't1', name: 'Edit', subject: 'src/a.ts' },
      { type: 'tool', phase: 'end', id: 't1', name: 'Edit', ok: true },
      { type: 'file', path: 'src/a.ts', kind: 'update' },
    ]);
    expect(reader.toolRunning()).toBe(false);
  });

  it('knows that a tool is running, and reports no file for one that failed', () => {
    const { reader } = read(toolUse('t1', 'Write', { file_path: '/work/a' }));
    expect(reader.toolRunning()).toBe(true);
    const failed = toolResult('t1', { is_error: true }, { filePath: '/work/a', type: 'create' });
    expect(reader.line(JSON.stringify(failed))).toEqual([
      { type: 'tool', phase: 'end', id: 't1', name: 'Write', ok: false },
    ]);
  });

  it('sums the usage of all models exactly and gives the cost in micro-USD', () => {
    const { events } = read({
      type: 'result',
      subtype: 'success',
      is_error: false,
      result: 'Done',
      num_turns: 3,
      total_cost_usd: 0.0241005,
      usage: { input_tokens: 0 },
      modelUsage: {
        a: { inputTokens: 4000, outputTokens: 130, cacheReadInputTokens: 1700, cacheCreationInputTokens: 5 },
        b: { inputTokens: 10, outputTokens: 2 },
      },
    });
    expect(events).toEqual([
      {
        type: 'usage',
        usage: { input: 4010, output: 132, cacheRead: 1700, cacheWrite: 5, costMicroUsd: 24101 },
      },
      { type: 'result', text: 'Done', turns: 3, denials: 0 },
    ]);
  });

  it('does not take subtype success for success', () => {
    const { reader, events } = read({
      type: 'result',
      subtype: 'success',
      is_error: true,
      api_error_status: 401,
      result: 'API Error: 401',
    });
    expect(events).toEqual([{ type: 'error', reason: 'auth', status: 401, message: 'API Error: 401' }]);
    expect(reader.result()).toMatchObject({ ok: false, reason: 'auth' });
  });

  it('keeps unknown and broken lines as raw text, and says nothing of bookkeeping', () => {
    const { events } = read(
      'not json',
      { type: 'novelty', x: 1 },
      { type: 'system', subtype: 'task_started' },
      '',
      '[1]',
    );
    expect(events).toEqual([
      { type: 'raw', text: 'not json' },
      { type: 'raw', text: '{"type":"novelty","x":1}' },
      { type: 'raw', text: '[1]' },
    ]);
  });

  it('bears fields of other types and absent ones', () => {
    for (const type of ['system', 'assistant', 'user', 'result']) {
      for (const message of [
        null,
        1,
        'x',
        [],
        { content: 'text' },
        { content: [null, 1, { type: 'tool_use' }] },
      ]) {
        expect(() => read({ type, message, subtype: 'init', session_id: 7, modelUsage: [] })).not.toThrow();
      }
    }
  });
});
