import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentEvent } from '../../../src/core/agent/event.ts';
import { createClaudeAgent } from '../../../src/edges/agents/claude.ts';
import type { AgentOrder } from '../../../src/engine/ports.ts';
import { claudeProgram } from '../../rig/agents.ts';
import { aliveWith } from '../../rig/agents-alive.ts';
import { type ModelServer, startModelServer } from '../../rig/model-server.ts';
import type { ModelScript } from '../../rig/model-server-step.ts';

const program = claudeProgram();
const KEY = 'scripted-key-0123456789';

describe.skipIf(program === undefined)('the real Claude Code', () => {
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
    directory = mkdtempSync(join(tmpdir(), 'murmur8-claude-'));
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

  function start(script: ModelScript, changes: Partial<AgentOrder> = {}, signal?: AbortSignal) {
    const session = server.session(script);
    const agent = createClaudeAgent({
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        LANG: 'C.UTF-8',
        MURMUR8_CLAUDE_PROGRAM: program,
        ANTHROPIC_BASE_URL: session.url,
        ANTHROPIC_API_KEY: KEY,
        CLAUDE_CODE_MAX_RETRIES: '1',
        CLAUDE_CODE_ENTRYPOINT: 'outer',
      },
      secrets: [KEY],
      cwd: project,
    });
    const outcome = agent.run(
      order(changes),
      (event) => events.push(event),
      signal ?? new AbortController().signal,
    );
    return { session, outcome };
  }

  const log = () => readFileSync(join(directory, 'logs/1.log'), 'utf8');

  it('writes a file, reports what it does, and what it cost', async () => {
    const { session, outcome } = start([
      {
        write: { path: 'SPEC.md', content: '# Spec\n' },
        say: 'Writing.',
        usage: { input: 1000, output: 50 },
      },
      { text: 'All done.', usage: { input: 200, output: 5, cacheRead: 1000 } },
    ]);
    const result = await outcome;
    expect(result).toMatchObject({ outcome: 'ok', exitCode: 0, text: 'All done.', agentVersion: '2.1.197' });
    expect(result.usage).toMatchObject({ input: 1200, output: 55, cacheRead: 1000 });
    expect(Number.isInteger(result.usage?.costMicroUsd)).toBe(true);
    expect(result.usage?.costMicroUsd).toBeGreaterThan(0);
    expect(readFileSync(join(project, 'SPEC.md'), 'utf8')).toBe('# Spec\n');
    expect(events.map((event) => event.type)).toEqual([
      ...['started', 'message', 'tool', 'tool', 'file', 'message', 'usage', 'result'],
    ]);
    expect(events.find((event) => event.type === 'file')).toEqual({
      type: 'file',
      path: 'SPEC.md',
      kind: 'create',
    });
    expect(session.requests[0]?.prompt).toContain('Write the specification.');
    expect(session.requests[0]?.system).toContain('You are alex.');
  });

  it.each([
    ['a role that only reads', { tools: ['Read', 'Grep'] }],
    ['a role that writes', {}],
  ] as const)(
    'can leave its answer as %s, although it is kept from state directories',
    async (_, changes) => {
      const { answerFile } = order();
      const { session, outcome } = start(
        (request) => {
          const named = /MURMUR8_ANSWER is (\S+\.json)/.exec(request.prompt)?.[1] ?? '';
          return request.turn === 0
            ? { write: { path: named, content: '{"rating":4}' } }
            : { text: 'Rated.' };
        },
        { ...changes, prompt: 'Write your answer to the file that MURMUR8_ANSWER names.' },
      );
      expect(await outcome).toMatchObject({ outcome: 'ok' });
      expect(session.requests[1]?.toolResults).toMatchObject([{ failed: false }]);
      expect(readFileSync(answerFile, 'utf8')).toBe('{"rating":4}');
    },
  );

  it('as a role that only reads cannot write anything but its answer', async () => {
    const { session, outcome } = start([{ write: { path: 'OTHER.md', content: 'no' } }, { text: 'Tried.' }], {
      tools: ['Read', 'Grep'],
    });
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect([...(session.requests[0]?.tools ?? [])].sort()).toEqual(['Grep', 'Read', 'Write']);
    expect(existsSync(join(project, 'OTHER.md'))).toBe(false);
    expect(events.at(-1)).toMatchObject({ type: 'result', denials: 1 });
  });

  it('is told one place for its answer, also where the prompt names the one in the state directory', async () => {
    const { answerFile } = order();
    const { session, outcome } = start([{ text: 'Nothing to say.' }], { prompt: `Answer in ${answerFile}.` });
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    const { prompt = '' } = session.requests[0] ?? {};
    const place = /MURMUR8_ANSWER is (\S+\.json)/.exec(prompt)?.[1];
    expect(prompt.split('\n')[0]).toBe(`Answer in ${place}.`);
    expect(existsSync(answerFile)).toBe(false);
  });

  it('gives no secret away in its answer', async () => {
    const { answerFile } = order();
    const { outcome } = start([
      { bash: 'printf \'{"question":{"text":"is %s right?"}}\' "$ANTHROPIC_API_KEY" > "$MURMUR8_ANSWER"' },
      { text: 'Asked.' },
    ]);
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(JSON.parse(readFileSync(answerFile, 'utf8'))).toEqual({ question: { text: 'is *** right?' } });
  });

  it('cannot pass another file off as its answer', async () => {
    const { answerFile } = order();
    const { outcome } = start([{ bash: 'ln -s /etc/passwd "$MURMUR8_ANSWER"' }, { text: 'Linked.' }]);
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(existsSync(answerFile)).toBe(false);
  });

  it('runs commands with the job in their environment, and their output is masked', async () => {
    const { outcome } = start([
      { bash: 'echo $MURMUR8_STAGE $MURMUR8_SLUG; echo "key: $ANTHROPIC_API_KEY" | tee key.txt' },
      { text: `The key is ${KEY}` },
    ]);
    expect(await outcome).toMatchObject({ outcome: 'ok', text: 'The key is ***' });
    expect(readFileSync(join(project, 'key.txt'), 'utf8')).toContain(KEY);
    expect(log()).toContain('alex demo');
    expect(log()).not.toContain(KEY);
    expect(JSON.stringify(events)).not.toContain(KEY);
  });

  it.each([
    [401, 'auth'],
    [429, 'quota'],
    [529, 'overloaded'],
    [500, 'unavailable'],
    [400, 'context', 'prompt is too long: 250000 tokens > 200000 maximum'],
  ] as const)('answered with %d ends as %s', async (status, expected, message?: string) => {
    const { outcome } = start([
      { status, retryAfterSeconds: 0, ...(message === undefined ? {} : { message }) },
    ]);
    const result = await outcome;
    expect(result.outcome).toBe(expected);
    expect(result.message).toBeTruthy();
    expect(events.at(-1)).toMatchObject({ type: 'error', reason: expected });
  });

  it('refused by the model ends as refused', async () => {
    const { outcome } = start([{ refusal: 'I will not.' }]);
    expect((await outcome).outcome).toBe('refused');
  });

  it('that has no service to talk to ends as unavailable', async () => {
    const { outcome } = start([{ disconnect: 'headers' }]);
    expect((await outcome).outcome).toBe('unavailable');
  });

  it('ends at its limit of turns, and at its limit of cost', async () => {
    const busy = { bash: 'true', usage: { input: 100_000, output: 1000 } };
    expect(await start([busy], { maxTurns: 2 }).outcome).toMatchObject({ outcome: 'turn-limit' });
    expect(await start([busy], { maxCostMicroUsd: 1000 }).outcome).toMatchObject({ outcome: 'budget' });
  });

  it('is stopped when the model stays silent', async () => {
    const { outcome } = start([{ hang: 'stream' }], { stallTimeoutMs: 1_500 });
    expect(await outcome).toMatchObject({ outcome: 'stalled' });
  });

  it('is stopped when its time is over', async () => {
    const { outcome } = start([{ hang: 'headers' }], { timeoutMs: 2_000 });
    expect(await outcome).toMatchObject({ outcome: 'timeout' });
  });

  it('that is killed from outside has crashed', async () => {
    const { session, outcome } = start([{ hang: 'headers' }]);
    await session.reached(1);
    for (const pid of aliveWith(runId)) process.kill(pid, 'SIGKILL');
    expect(await outcome).toMatchObject({ outcome: 'crashed', message: 'ended by signal SIGKILL' });
  });

  it('cancelled in the middle of a tool leaves no process behind', async () => {
    const controller = new AbortController();
    const session = server.session([{ bash: 'echo begun > begun; sleep 1000' }]);
    const agent = createClaudeAgent({
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        MURMUR8_CLAUDE_PROGRAM: program,
        ANTHROPIC_BASE_URL: session.url,
        ANTHROPIC_API_KEY: KEY,
      },
      secrets: [KEY],
      cwd: project,
    });
    const outcome = agent.run(order(), () => {}, controller.signal);
    await vi.waitUntil(() => existsSync(join(project, 'begun')), { timeout: 30_000 });
    controller.abort();
    expect(await outcome).toMatchObject({ outcome: 'cancelled' });
    expect(aliveWith(runId)).toEqual([]);
  });

  it('goes on with the session of an earlier attempt', async () => {
    const first = await start([{ text: 'First.' }]).outcome;
    const { session, outcome } = start([{ text: 'Second.' }], {
      prompt: 'Go on.',
      ...(first.sessionId === undefined ? {} : { sessionId: first.sessionId }),
    });
    expect(await outcome).toMatchObject({ outcome: 'ok', text: 'Second.', sessionId: first.sessionId });
    const asked = session.requests[0]?.prompts.map((prompt) => prompt.split('\n')[0]);
    expect(asked).toEqual(['Write the specification.', 'Go on.']);
  });

  it('begins anew where nothing is left of the session that it should go on with', async () => {
    const sessionId = randomUUID();
    const { session, outcome } = start([{ text: 'Anew.' }], { sessionId });
    const result = await outcome;
    expect(result).toMatchObject({ outcome: 'ok', text: 'Anew.' });
    expect(result.sessionId).not.toBe(sessionId);
    expect(session.requests[0]?.prompts).toHaveLength(1);
  });

  it('does not run hooks that an earlier stage left in the project', async () => {
    const hook = { hooks: [{ type: 'command', command: 'touch planted' }] };
    writeFileSync(join(project, '.claude/settings.json'), JSON.stringify({ hooks: { Stop: [hook] } }));
    await start([{ text: 'Next stage.' }]).outcome;
    expect(existsSync(join(project, 'planted'))).toBe(false);
  });

  it('is probed without a request: version, program and login', async () => {
    const env = { PATH: process.env['PATH'], HOME: directory, MURMUR8_CLAUDE_PROGRAM: program };
    const probe = (more: Record<string, string>) =>
      createClaudeAgent({ env: { ...env, ...more }, secrets: [], cwd: project }).probe();
    expect(await probe({ ANTHROPIC_API_KEY: KEY })).toMatchObject({
      ok: true,
      value: { version: '2.1.197', program, login: 'ok', reportsCost: true },
    });
    expect(await probe({})).toMatchObject({ ok: true, value: { login: 'missing' } });
  });
});

describe('a missing Claude Code', () => {
  it('is a problem with a hint, and no attempt', async () => {
    const agent = createClaudeAgent({ env: { PATH: '/nowhere' }, secrets: [], cwd: '/' });
    const probed = await agent.probe();
    expect(probed).toMatchObject({ ok: false, error: { code: 'runner-missing' } });
  });
});
