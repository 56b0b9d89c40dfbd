import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentEvent } from '../../../src/core/agent/event.ts';
import { createAcpAgent } from '../../../src/edges/agents/acp.ts';
import type { AgentOrder } from '../../../src/engine/ports.ts';
import { aliveWith } from '../../rig/agents-alive.ts';
import { type ModelServer, startModelServer } from '../../rig/model-server.ts';
import type { ModelScript } from '../../rig/model-server-step.ts';

const AGENT = join(import.meta.dirname, '../../rig/acp-agent.mjs');
const OTHER_KEY = 'key-of-another-provider-123';

describe('an agent that speaks the Agent Client Protocol', () => {
  let server: ModelServer;
  let directory: string;
  let project: string;
  let runId: string;
  let events: AgentEvent[];

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'murmur8-acp-'));
    project = join(directory, 'project');
    mkdirSync(join(project, '.claude/runs'), { recursive: true });
    execFileSync('git', ['init', '-q', project]);
    runId = randomUUID();
    events = [];
  });
  afterEach(() => {
    expect(aliveWith(runId)).toEqual([]);
    rmSync(directory, { recursive: true, force: true });
  });

  function order(changes: Partial<AgentOrder> = {}): AgentOrder {
    return {
      runId,
      attempt: 1,
      agent: 'alex',
      instructions: 'You are alex.',
      prompt: 'Write the specification.',
      cwd: project,
      timeoutMs: 50_000,
      stallTimeoutMs: 45_000,
      answerFile: join(project, '.claude/runs/answer.json'),
      logFile: join(directory, 'logs/1.log'),
      scratchDir: join(directory, 'scratch'),
      homeDir: join(directory, 'home'),
      job: {
        kind: 'work',
        stage: 'alex',
        slug: 'demo',
        featureId: 'feature-1',
        briefPath: 'BRIEF.md',
        findings: [],
        withStories: true,
      },
      ...changes,
    };
  }

  function agentFor(commandLine: string, startLimitMs = 30_000) {
    return createAcpAgent(commandLine, {
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        LANG: 'C.UTF-8',
        OPENAI_API_KEY: OTHER_KEY,
        ACP_TEST_KEY: 'acp-test-key-0123456789',
        MURMUR8_PASS_ENV: 'ACP_TEST_KEY',
      },
      secrets: [OTHER_KEY],
      cwd: project,
      startLimitMs,
    });
  }

  function start(script: ModelScript, doing = '', changes: Partial<AgentOrder> = {}, signal?: AbortSignal) {
    const session = server.session(script);
    const sessions = join(directory, 'sessions');
    const line = `node '${AGENT}' --model-url ${session.url} --sessions '${sessions}' --do '${doing}'`;
    const outcome = agentFor(line).run(
      order(changes),
      (event) => events.push(event),
      signal ?? new AbortController().signal,
    );
    return { session, outcome };
  }

  const ofType = <T extends AgentEvent['type']>(type: T) =>
    events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

  it.each([
    ['budget', 'ok'],
    ['stop', 'cancelled'],
  ])('that tells its cost with its last words, and is ended for it as %s: %s', async (reason, expected) => {
    const session = server.session([{ text: 'Everything is written.' }]);
    const ended = new AbortController();
    const outcome = await agentFor(`node '${AGENT}' --model-url ${session.url}`).run(
      order(),
      ({ type }) => {
        if (type === 'usage') ended.abort(reason);
      },
      ended.signal,
    );
    expect([ended.signal.aborted, outcome.outcome]).toEqual([true, expected]);
  });

  it('does its work, is allowed what its role allows, and tells what it did and used', async () => {
    const { session, outcome } = start(
      [
        {
          say: 'I begin.',
          write: { path: 'spec.md', content: '# Spec\n' },
          usage: { input: 1000, output: 50, cacheRead: 10 },
        },
        { bash: 'cat spec.md; env' },
        { text: 'Everything is written.', usage: { input: 500, output: 5 } },
      ],
      'plan',
    );
    const end = await outcome;
    expect(end).toMatchObject({
      outcome: 'ok',
      agentVersion: 'test-agent 1.2.3',
      model: 'small',
      text: 'Everything is written.',
      usage: { input: 1600, output: 65, cacheRead: 10, costMicroUsd: 250_000 },
    });
    expect(readFileSync(join(project, 'spec.md'), 'utf8')).toBe('# Spec\n');
    expect(events[0]).toEqual({
      type: 'started',
      sessionId: end.sessionId,
      agentVersion: 'test-agent 1.2.3',
      model: 'small',
    });
    expect(ofType('message').map(({ text }) => text)).toEqual([
      'plan: 0 of 1 done, now: write',
      'I begin.',
      'Everything is written.',
    ]);
    expect(ofType('tool').map(({ phase, name, subject, ok }) => [phase, name, subject, ok])).toEqual([
      ['start', 'edit', 'spec.md', undefined],
      ['end', 'edit', undefined, true],
      ['start', 'execute', 'cat spec.md; env', undefined],
      ['end', 'execute', undefined, true],
    ]);
    expect(ofType('file')).toEqual([{ type: 'file', path: 'spec.md', kind: 'create' }]);
    expect(ofType('permission').every(({ allowed }) => allowed)).toBe(true);
    expect(ofType('result')).toEqual([
      { type: 'result', text: 'Everything is written.', turns: 3, denials: 0 },
    ]);
    const [printed = ''] = session.requests[2]?.toolResults.map(({ text }) => text) ?? [];
    expect(printed).toContain('# Spec');
    expect(printed).not.toContain(OTHER_KEY);
    expect(session.requests[0]?.prompt).toContain('You are alex.\n\nWrite the specification.');
  });

  it('lets a role that only reads write its answer and nothing else', async () => {
    const { session, outcome } = start(
      (request) =>
        [
          { write: { path: 'src.js', content: 'changed' } },
          { bash: 'echo changed > src.js' },
          {
            write: {
              path: /MURMUR8_ANSWER is (\S+\.json)/.exec(request.prompt)?.[1] ?? '',
              content: '{"rating":5}',
            },
          },
        ][request.turn] ?? { text: 'Rated.' },
      '',
      { tools: ['Read', 'Glob', 'Grep'] },
    );
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(existsSync(join(project, 'src.js'))).toBe(false);
    expect(readFileSync(join(project, '.claude/runs/answer.json'), 'utf8')).toBe('{"rating":5}');
    expect(ofType('permission').map(({ allowed, message }) => [allowed, message])).toEqual([
      [false, 'this role writes nothing but its answer'],
      [false, 'this role runs no commands'],
      [true, undefined],
    ]);
    expect(ofType('result')[0]).toMatchObject({ denials: 2 });
    expect(session.requests[1]?.toolResults[0]?.text).toBe('the user said no');
  });

  it('lets nobody write outside of the project, also not through a link in it', async () => {
    symlinkSync(directory, join(project, 'out'));
    const { outcome } = start([
      { write: { path: join(directory, 'a.txt'), content: 'x' } },
      { write: { path: 'out/b.txt', content: 'x' } },
      { write: { path: '.git/hooks/pre-commit', content: 'x' } },
      { text: 'Tried.' },
    ]);
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(
      [join(directory, 'a.txt'), join(directory, 'b.txt'), join(project, '.git/hooks/pre-commit')].filter(
        existsSync,
      ),
    ).toEqual([]);
    expect(ofType('permission').map(({ allowed }) => allowed)).toEqual([false, false, false]);
  });

  it('parks its question for a person, and goes on in the same session when it is answered', async () => {
    const first = await start([{ text: 'Blue it is.' }], 'ask').outcome;
    expect(first).toMatchObject({ outcome: 'ok' });
    expect(JSON.parse(readFileSync(join(project, '.claude/runs/answer.json'), 'utf8'))).toEqual({
      question: { text: 'Which colour?\n- colour [red | blue]' },
    });
    const again = start([{ text: 'Blue it is.' }], 'ask', {
      sessionId: first.sessionId ?? '',
      prompt: 'Blue.',
    });
    expect(await again.outcome).toMatchObject({
      outcome: 'ok',
      sessionId: first.sessionId,
      text: 'Blue it is.',
    });
    expect(
      again.session.requests[0]?.prompts.map((prompt) => /Write the spec|Blue/.exec(prompt)?.[0]),
    ).toEqual(['Write the spec', 'Blue']);
    // What a loaded session repeats was heard, and paid for, before.
    expect((await again.outcome).usage?.costMicroUsd).toBe(150_000);
    expect(ofType('message').map(({ text }) => text)).toEqual(['Blue it is.']);
  });

  it.each([
    ['ask-url', 'Log in there.\nOpen https://example.com/login'],
    ['ask-choice', 'Which store?\n- SQL\n- Files'],
  ])('parks every kind of question: %s', async (doing, text) => {
    const end = await start([{ text: 'never' }], doing).outcome;
    expect(end).toMatchObject({ outcome: 'ok', sessionId: expect.any(String) });
    expect(JSON.parse(readFileSync(join(project, '.claude/runs/answer.json'), 'utf8'))).toEqual({
      question: { text },
    });
  });

  it('keeps escapes and endless text of a question from the person who is asked', async () => {
    await start([{ text: 'never' }], 'ask-evil').outcome;
    const { question } = JSON.parse(readFileSync(join(project, '.claude/runs/answer.json'), 'utf8'));
    expect(question.text).toMatch(/^x{2000}… \[998000 more characters\]\n- x{300}…/);
    expect(question.text.length).toBeLessThan(4_000);
  });

  it('lets no agent reach past its permissions: no files and no terminals of ours', async () => {
    const { outcome } = start([{ text: 'never' }], 'reach');
    const end = await outcome;
    expect(end.text?.match(/"code":-3260\d/g)).toHaveLength(3);
    expect(existsSync(join(project, 'planted.txt'))).toBe(false);
  });

  it('goes on with a session by resuming where the agent can, and begins afresh where nothing is left of it', async () => {
    const first = await start([{ text: 'One.' }], 'resume').outcome;
    const second = start([{ text: 'Two.' }], 'resume', { sessionId: first.sessionId ?? '' });
    expect(await second.outcome).toMatchObject({ outcome: 'ok', sessionId: first.sessionId });
    expect(second.session.requests[0]?.prompts).toHaveLength(2);
    const third = await start([{ text: 'Three.' }], 'resume', { sessionId: randomUUID() }).outcome;
    expect(third).toMatchObject({ outcome: 'ok', text: 'Three.' });
    expect(third.sessionId).not.toBe(first.sessionId);
  });

  it('logs in with a key that it was given, and never otherwise', async () => {
    expect(await start([{ text: 'In.' }], 'auth').outcome).toMatchObject({ outcome: 'ok', text: 'In.' });
  });

  it('chooses the model that is asked for, and names those there are where it is none', async () => {
    expect(await start([{ text: 'Yes.' }], '', { model: 'large' }).outcome).toMatchObject({
      outcome: 'ok',
      model: 'large',
    });
    const { outcome, message } = await start([{ text: 'No.' }], '', { model: 'huge' }).outcome;
    expect(outcome).toBe('spawn-error');
    expect(message).toBe('the agent does not offer the model "huge"; it offers: small, large');
  });

  it.each([
    [401, 'auth'],
    [429, 'quota'],
    [529, 'overloaded'],
    [500, 'unavailable'],
  ])('tells apart why the model failed: %i', async (status, reason) => {
    const { outcome } = start([{ status, message: 'it says why' }]);
    expect(await outcome).toMatchObject({ outcome: reason });
    expect(ofType('error')).toMatchObject([{ reason }]);
  });

  it('tells when the service returns, as it was told', async () => {
    const { outcome } = start([{ status: 429, retryAfterSeconds: 3_600 }]);
    const before = Date.now();
    const { retryAt, ...end } = await outcome;
    expect(end.outcome).toBe('quota');
    expect(Date.parse(retryAt ?? '') - before).toBeGreaterThan(3_590_000);
    expect(ofType('error')).toMatchObject([{ reason: 'quota', retryAfterMs: 3_600_000 }]);
  });

  it('ends an agent that asks its model again and again', async () => {
    const end = await start([{ text: 'never' }], 'retry').outcome;
    expect(end).toMatchObject({ outcome: 'quota', message: expect.stringContaining('5 times in a row') });
    expect(ofType('retry').map(({ attempt, status }) => [attempt, status])).toEqual(
      [1, 2, 3, 4, 5].map((attempt) => [attempt, 429]),
    );
  });

  it.each([
    ['stop:max_tokens', 'context'],
    ['stop:max_turn_requests', 'turn-limit'],
    ['stop:refusal', 'refused'],
    ['silent', 'no-result'],
    ['crash', 'crashed'],
    ['exit', 'crashed'],
    ['version', 'spawn-error'],
  ])('tells apart how a turn ended: %s', async (doing, expected) => {
    const end = await start([{ text: 'never' }], doing).outcome;
    expect(end.outcome).toBe(expected);
    expect(end.message).not.toBe('');
    if (doing === 'exit') expect(end.message).toBe('exit code 3; it printed: the agent gives up');
  });

  it('bears lines that are none of the protocol', async () => {
    expect(await start([{ text: 'Well.' }], 'garbage').outcome).toMatchObject({
      outcome: 'ok',
      text: 'Well.',
    });
  });

  it('stops an agent that calls more tools than its role may', async () => {
    const { outcome } = start([{ bash: 'true' }, { bash: 'true' }, { bash: 'true' }, { text: 'Done.' }], '', {
      maxTurns: 2,
    });
    expect(await outcome).toMatchObject({ outcome: 'turn-limit' });
  });

  it.each(['', 'end-cancelled'])(
    'ends a hanging agent when it was silent for too long, whatever it then says: %s',
    async (doing) => {
      const script = [{ write: { path: 'a.md', content: '' } }, { hang: 'headers' }] as const;
      const end = await start(script, doing, { stallTimeoutMs: 1_000 }).outcome;
      expect(end.outcome).toBe('stalled');
      expect(end.silentMs).toBeGreaterThanOrEqual(1_000);
    },
  );

  it('bears the silence of a tool', async () => {
    const { outcome } = start([{ bash: 'sleep 3' }, { text: 'Done.' }], '', { stallTimeoutMs: 1_500 });
    expect(await outcome).toMatchObject({ outcome: 'ok', text: 'Done.' });
  });

  it.each(['', 'deaf'])(
    'is stopped on request in the middle of a tool, politely or not: %s',
    async (doing) => {
      const controller = new AbortController();
      const { outcome } = start(
        [{ bash: `touch ${join(directory, 'began')}; sleep 400` }],
        doing,
        {},
        controller.signal,
      );
      await vi.waitFor(() => expect(existsSync(join(directory, 'began'))).toBe(true), { timeout: 20_000 });
      controller.abort();
      expect(await outcome).toMatchObject({ outcome: 'cancelled' });
    },
  );

  const NOT_ACP: readonly (readonly [string, string, RegExp])[] = [
    ['echoes', 'cat', /^cat (?:opened|ended|did|does)/],
    [
      'ends with an error',
      "sh -c 'echo hello; exit 4'",
      /ended \(exit code 4\) before it spoke .* it printed: hello$/,
    ],
    ['ends well', 'true', /^true ended \(exit code 0\) before it spoke .*; it printed nothing$/],
    ['answers a page', `sh -c 'echo "<html>Sign in</html>"; read x'`, /printed: <html>Sign in<\/html>/],
    ['speaks another JSON', `sh -c 'echo "{\\"ready\\":true}"; read x'`, /it printed: {"ready":true}/],
    ['floods', 'yes', /^yes does not speak the Agent Client Protocol; it printed: y\ny/],
    ['prints a line without end', 'cat /dev/zero', /printed more than is allowed|does not speak/],
    ['leaves a daemon', "sh -c 'setsid sleep 400 & exit 0'", /ended \(exit code 0\) before it spoke/],
  ];
  it.each(NOT_ACP)('says what a command is that %s', async (_, line, message) => {
    const agent = agentFor(line, 2_000);
    const end = await agent.run(order(), () => {}, new AbortController().signal);
    expect(end.message).toMatch(message);
    expect(['spawn-error', 'output-limit']).toContain(end.outcome);
    const probed = await agent.probe();
    expect(probed.ok ? '' : probed.error.message).toMatch(message);
  });

  it('says that a program is missing', async () => {
    const message = 'the program of the agent cannot be found: no-such-agent';
    const end = await agentFor('no-such-agent --acp').run(order(), () => {}, new AbortController().signal);
    expect(end).toEqual({ outcome: 'spawn-error', message });
  });

  it('says who it is without opening a session', async () => {
    expect(await agentFor(`node '${AGENT}'`).probe()).toMatchObject({
      ok: true,
      value: { version: 'test-agent 1.2.3', login: 'unknown', reportsCost: false },
    });
    expect(await agentFor('cat').probe()).toMatchObject({ ok: false, error: { code: 'runner-broken' } });
    expect(await agentFor('node | cat').probe()).toMatchObject({
      ok: false,
      error: { code: 'malformed-command' },
    });
  });
});
