import { describe, expect, it } from 'vitest';
import { type CodexReaderOptions, createCodexReader } from '../../../src/core/agent/codex-stream.ts';

const read = (options: Partial<CodexReaderOptions>, ...records: unknown[]) => {
  const reader = createCodexReader({ cwd: '/work', ...options });
  const events = records.flatMap((record) =>
    reader.line(typeof record === 'string' ? record : JSON.stringify(record)),
  );
  return { reader, events };
};
const started = (id: string) => ({ type: 'thread.started', thread_id: id });
const item = (phase: 'started' | 'updated' | 'completed', fields: object) => ({
  type: `item.${phase}`,
  item: fields,
});
const command = (id: string, status: string, line = "/bin/bash -lc 'npm test'") => ({
  id,
  type: 'command_execution',
  command: line,
  aggregated_output: '',
  exit_code: status === 'in_progress' ? null : 0,
  status,
});
const used = (input: number, cached: number, output: number) => ({
  type: 'turn.completed',
  usage: {
    input_tokens: input,
    cached_input_tokens: cached,
    cache_write_input_tokens: 0,
    output_tokens: output,
    reasoning_output_tokens: 0,
  },
});
const failed = (message: string) => ({ type: 'turn.failed', error: { message } });

describe('the reader of codex', () => {
  it('tells the thread with the model and the version that it was told', () => {
    const { events } = read({ model: 'gpt-5.5', agentVersion: '0.169.0' }, started('t1'), {
      type: 'turn.started',
    });
    expect(events).toEqual([{ type: 'started', sessionId: 't1', model: 'gpt-5.5', agentVersion: '0.169.0' }]);
  });

  it('follows a command from its start to its end, by the line that the model wrote', () => {
    const { reader, events } = read({}, item('started', command('i1', 'in_progress')));
    expect(events).toEqual([{ type: 'tool', phase: 'start', id: 'i1', name: 'shell', subject: 'npm test' }]);
    expect(reader.toolRunning()).toBe(true);
    expect(reader.line(JSON.stringify(item('updated', command('i1', 'in_progress'))))).toEqual([]);
    expect(reader.line(JSON.stringify(item('completed', command('i1', 'failed'))))).toEqual([
      { type: 'tool', phase: 'end', id: 'i1', name: 'shell', ok: false },
    ]);
    expect(reader.toolRunning()).toBe(false);
  });

  it.each([
    [`/bin/bash -lc "cat 'a b' && echo \\"\\$HOME\\""`, `cat 'a b' && echo "$HOME"`],
    ['/usr/bin/zsh -c ls', 'ls'],
    ['git status', 'git status'],
  ])('shows %s as %s', (line, shown) => {
    const { events } = read({}, item('started', command('i1', 'in_progress', line)));
    expect(events).toMatchObject([{ subject: shown }]);
  });

  it('reports the files of a patch that was applied, and none of one that was not', () => {
    const changes = [
      { path: '/work/src/new.ts', kind: 'add' },
      { path: '/work/src/old.ts', kind: 'delete' },
      { path: '/elsewhere/a.ts', kind: 'update' },
    ];
    const patch = (status: string) =>
      item('completed', { id: `p-${status}`, type: 'file_change', changes, status });
    const { events } = read({}, patch('completed'));
    expect(events).toEqual([
      {
        type: 'tool',
        phase: 'start',
        id: 'p-completed',
        name: 'apply_patch',
        subject: 'src/new.ts, src/old.ts, /elsewhere/a.ts',
      },
      { type: 'tool', phase: 'end', id: 'p-completed', name: 'apply_patch', ok: true },
      { type: 'file', path: 'src/new.ts', kind: 'create' },
      { type: 'file', path: 'src/old.ts', kind: 'delete' },
      { type: 'file', path: '/elsewhere/a.ts', kind: 'update' },
    ]);
    expect(read({}, patch('failed')).events.map(({ type }) => type)).toEqual(['tool', 'tool']);
  });

  it('names the server of a tool that is not its own', () => {
    const call = { id: 'm1', type: 'mcp_tool_call', server: 'docs', tool: 'find', status: 'in_progress' };
    expect(read({}, item('started', call)).events).toMatchObject([{ name: 'docs.find' }]);
  });

  it('takes cached tokens out of the input', () => {
    const { reader, events } = read(
      {},
      item('completed', { id: 'i1', type: 'agent_message', text: 'Done.' }),
      used(5700, 1700, 130),
    );
    const usage = { input: 4000, output: 130, cacheRead: 1700, cacheWrite: 0 };
    expect(events).toEqual([
      { type: 'message', text: 'Done.' },
      { type: 'usage', usage },
      { type: 'result', text: 'Done.', turns: 1 },
    ]);
    expect(reader.result()).toEqual({ ok: true, text: 'Done.', usage });
  });

  it('reports of a thread that goes on only what is new, and remembers the whole', () => {
    const before = { id: 't1', usage: { input: 4000, output: 130, cacheRead: 1700, cacheWrite: 0 } };
    const { reader } = read({ before }, started('t1'), used(9000, 3000, 200));
    expect(reader.result()?.usage).toEqual({ input: 2000, output: 70, cacheRead: 1300, cacheWrite: 0 });
    expect(reader.thread()).toEqual({
      id: 't1',
      usage: { input: 6000, output: 200, cacheRead: 3000, cacheWrite: 0 },
    });
  });

  it('subtracts nothing when another thread was begun, and is never below zero', () => {
    const before = { id: 't1', usage: { input: 500, output: 50, cacheRead: 0, cacheWrite: 0 } };
    expect(read({ before }, started('t2'), used(100, 0, 10)).reader.result()?.usage).toMatchObject({
      input: 100,
      output: 10,
    });
    expect(read({ before }, started('t1'), used(100, 0, 60)).reader.result()?.usage).toMatchObject({
      input: 0,
      output: 10,
    });
  });

  it('tells a new try from a failure, and reports the failure once', () => {
    const refused = 'unexpected status 401 Unauthorized: wrong key, url: http://127.0.0.1:1/v1/responses';
    const { reader, events } = read(
      {},
      { type: 'error', message: `Reconnecting... 1/5 (${refused})` },
      { type: 'error', message: refused },
      failed(refused),
    );
    expect(events).toEqual([
      { type: 'retry', attempt: 1, status: 401, message: refused },
      { type: 'error', reason: 'auth', status: 401, message: refused },
    ]);
    expect(reader.result()).toEqual({ ok: false, reason: 'auth', status: 401, text: refused });
  });

  it('keeps an error after which it was not told that the turn had ended', () => {
    const { reader } = read({}, { type: 'error', message: 'Quota exceeded. Check your plan.' });
    expect(reader.result()).toMatchObject({ ok: false, reason: 'billing' });
  });

  it('has a result neither while it tries again nor when the stream just stops', () => {
    const { reader } = read({}, started('t1'), { type: 'error', message: 'Reconnecting... 2/5' });
    expect(reader.result()).toBeUndefined();
  });

  it.each([
    ['exceeded retry limit, last status: 429 Too Many Requests', 'quota', 429],
    ['You’ve hit your usage limit. Try again at 5:30 PM.', 'quota', undefined],
    ['unexpected status 403 Forbidden: no access, url: x', 'auth', 403],
    ['Missing environment variable: `COMPANY_KEY`.', 'auth', undefined],
    ['Selected model is at capacity. Please try a different model.', 'overloaded', undefined],
    ['We’re currently experiencing high demand, which may cause temporary errors.', 'unavailable', undefined],
    ['stream disconnected before completion: error sending request', 'unavailable', undefined],
    ["Codex ran out of room in the model's context window. Start a new thread.", 'context', undefined],
    ['{"error":{"message":"There is no such model","code":null}}', 'agent', 400],
    ['stream disconnected: Incomplete response returned, reason: content_filter', 'refused', undefined],
    ['stream disconnected: Incomplete response returned, reason: max_output_tokens', 'agent', undefined],
    ['something new', 'agent', undefined],
  ] as const)('reads %s as %s', (message, reason, status) => {
    const result = read({}, failed(message)).reader.result();
    expect([result?.reason, result?.status]).toEqual([reason, status]);
  });

  it('shows the message of a refused request without the form around it', () => {
    expect(read({}, failed('{"error":{"message":"There is no such model"}}')).events).toMatchObject([
      { type: 'error', message: 'There is no such model' },
    ]);
  });

  it('counts a round of tools as one turn, and says when there were more than allowed', () => {
    const round = (name: string) => [
      item('started', command(`${name}-1`, 'in_progress')),
      item('started', command(`${name}-2`, 'in_progress')),
      item('completed', command(`${name}-1`, 'completed')),
      item('completed', command(`${name}-2`, 'completed')),
    ];
    const { reader } = read({ maxTurns: 2 }, ...round('a'), ...round('b'));
    expect(reader.overLimit()).toBeUndefined();
    reader.line(JSON.stringify(round('c')[0]));
    expect(reader.overLimit()).toEqual({ reason: 'turn-limit', message: 'more than 2 turns' });
  });

  it('keeps what it does not know, and leaves out what is for codex itself', () => {
    const { events } = read(
      {},
      'no JSON',
      { type: 'brand.new', a: 1 },
      item('completed', { id: 'w', type: 'error', message: 'model not described' }),
      item('completed', { id: 'r', type: 'reasoning', text: 'hm' }),
      item('started', { id: 'l', type: 'todo_list', items: [] }),
      '',
    );
    expect(events).toEqual([
      { type: 'raw', text: 'no JSON' },
      { type: 'raw', text: '{"type":"brand.new","a":1}' },
      { type: 'raw', text: 'model not described' },
    ]);
  });
});
