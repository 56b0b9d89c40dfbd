import { describe, expect, it } from 'vitest';
import { geminiPolicy } from '../../../src/core/agent/gemini-policy.ts';
import { createGeminiReader } from '../../../src/core/agent/gemini-stream.ts';

const line = (fields: object) => JSON.stringify(fields);
const read = (lines: readonly object[], maxTurns?: number) => {
  const reader = createGeminiReader('/p', maxTurns);
  return { reader, events: lines.flatMap((each) => reader.line(line(each))) };
};
const use = (id: string, name: string, parameters: object) => ({
  type: 'tool_use',
  tool_id: id,
  tool_name: name,
  parameters,
});
const done = (id: string, more: object = { status: 'success' }) => ({
  type: 'tool_result',
  tool_id: id,
  ...more,
});
const STATS = { total_tokens: 1200, input_tokens: 1100, output_tokens: 100, cached: 100, input: 1000 };

describe('the stream of Gemini CLI', () => {
  it('tells what was said, done, changed, refused and used', () => {
    const { reader, events } = read([
      { type: 'init', session_id: 's-1', model: 'm' },
      { type: 'message', role: 'user', content: 'the whole prompt' },
      { type: 'message', role: 'assistant', content: 'I wri', delta: true },
      { type: 'message', role: 'assistant', content: 'te.', delta: true },
      use('1', 'write_file', { file_path: '/p/a.md', content: 'x' }),
      done('1'),
      use('2', 'run_shell_command', { command: 'rm x' }),
      done('2', { status: 'error', error: { type: 'policy_violation', message: 'no' } }),
      { type: 'message', role: 'assistant', content: 'Done.', delta: true },
      { type: 'result', status: 'success', stats: STATS },
    ]);
    expect(events).toEqual([
      { type: 'started', sessionId: 's-1', model: 'm' },
      { type: 'message', text: 'I write.' },
      { type: 'tool', phase: 'start', id: '1', name: 'write_file', subject: 'a.md' },
      { type: 'tool', phase: 'end', id: '1', ok: true, name: 'write_file' },
      { type: 'file', path: 'a.md', kind: 'update' },
      { type: 'tool', phase: 'start', id: '2', name: 'run_shell_command', subject: 'rm x' },
      {
        type: 'permission',
        id: '2',
        name: 'run_shell_command',
        allowed: false,
        message: 'this role may not do that',
      },
      { type: 'tool', phase: 'end', id: '2', ok: false, name: 'run_shell_command' },
      { type: 'message', text: 'Done.' },
      { type: 'usage', usage: { input: 1000, output: 100, cacheRead: 100 } },
      { type: 'result', text: 'Done.', turns: 3, denials: 1 },
    ]);
    expect(reader.result()).toEqual({
      ok: true,
      text: 'Done.',
      usage: { input: 1000, output: 100, cacheRead: 100 },
    });
  });

  it('takes no success for one after a loop was detected', () => {
    const { reader } = read([
      { type: 'error', severity: 'warning', message: 'Loop detected, stopping execution' },
      { type: 'result', status: 'success', stats: STATS },
    ]);
    expect(reader.result()).toMatchObject({ ok: false, reason: 'agent' });
  });

  it('has no result without a result line, and bears lines of another form', () => {
    const { reader, events } = read([{ type: 'of_tomorrow' }]);
    expect(events).toEqual([{ type: 'raw', text: '{"type":"of_tomorrow"}' }]);
    expect(reader.line('not json')).toEqual([{ type: 'raw', text: 'not json' }]);
    expect(reader.result()).toBeUndefined();
  });

  it('counts tools that are begun together as one turn', () => {
    const both = (n: number) => [
      use(`${n}a`, 'glob', {}),
      use(`${n}b`, 'glob', {}),
      done(`${n}a`),
      done(`${n}b`),
    ];
    expect(read([...both(1), ...both(2)], 2).reader.overLimit()).toBeUndefined();
    expect(read([...both(1), ...both(2), ...both(3)], 2).reader.overLimit()).toMatchObject({
      reason: 'turn-limit',
    });
  });
});

describe('the policy of a role', () => {
  it('lets a role that reads write its answer alone', () => {
    const policy = geminiPolicy(['Read'], ['/tmp/a.b/answer.json']);
    expect(policy).toContain('argsPattern = "\\"file_path\\":\\"/tmp/a\\\\.b/answer\\\\.json\\""');
    expect(policy.match(/toolName = \["write_file", "replace"\]/g)).toHaveLength(2);
    expect(policy).not.toContain('run_shell_command');
    expect(policy).not.toContain('web_fetch');
    expect(policy.startsWith('[[rule]]\ntoolName = "*"\ndecision = "deny"\npriority = 1\n')).toBe(true);
  });

  it('names the commands that may be run', () => {
    const policy = geminiPolicy(['Bash(git log *)', 'Bash(npm * test)'], []);
    expect(policy).toContain('commandPrefix = "git log"');
    expect(policy).toContain('commandRegex = "npm [^\\"]* test"');
    expect(geminiPolicy(undefined, [])).toContain('allowRedirection = true');
  });
});
