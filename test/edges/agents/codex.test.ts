import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentEvent } from '../../../src/core/agent/event.ts';
import { createCliAgent } from '../../../src/edges/agents/cli-agent.ts';
import { codexDefinition } from '../../../src/edges/agents/codex.ts';
import type { AgentOrder } from '../../../src/engine/ports.ts';
import { agentProgram } from '../../rig/agents.ts';
import { aliveWith } from '../../rig/agents-alive.ts';
import { type ModelServer, startModelServer } from '../../rig/model-server.ts';
import type { ModelScript } from '../../rig/model-server-step.ts';

const program = agentProgram('codex');
const KEY = 'scripted-key-0123456789';
const OTHER_KEY = 'not-for-codex-0123456789';
/** One that codex knows, so that it offers its tool for patches. */
const MODEL = 'gpt-5.5';

describe.skipIf(program === undefined)('the real codex', () => {
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
    directory = mkdtempSync(join(tmpdir(), 'murmur8-codex-'));
    project = join(directory, 'project');
    mkdirSync(join(project, '.claude/runs'), { recursive: true });
    mkdirSync(join(directory, '.codex'));
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
      instructions: 'You are "alex".\nYou specify.',
      prompt: 'Write the specification.',
      cwd: project,
      model: MODEL,
      timeoutMs: 50_000,
      stallTimeoutMs: 45_000,
      answerFile: join(project, '.claude/runs/answer.json'),
      logFile: join(directory, 'logs/1.log'),
      scratchDir: join(directory, 'scratch'),
      homeDir: join(directory, 'run-home'),
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

  interface Start {
    readonly env?: Readonly<Record<string, string>>;
    readonly isolated?: boolean;
    readonly signal?: AbortSignal;
  }

  function start(script: ModelScript, changes: Partial<AgentOrder> = {}, how: Start = {}) {
    const session = server.session(script);
    const agent = createCliAgent(codexDefinition, {
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        LANG: 'C.UTF-8',
        MURMUR8_CODEX_PROGRAM: program,
        OPENAI_BASE_URL: `${session.url}/v1`,
        OPENAI_API_KEY: KEY,
        ANTHROPIC_API_KEY: OTHER_KEY,
        CODEX_THREAD_ID: 'outer',
        ...how.env,
      },
      secrets: [KEY],
      cwd: project,
      ...(how.isolated === undefined ? {} : { isolated: how.isolated }),
    });
    const signal = how.signal ?? new AbortController().signal;
    const outcome = agent.run(order(changes), (event) => events.push(event), signal);
    return { session, outcome };
  }

  const log = () => readFileSync(join(directory, 'logs/1.log'), 'utf8');
  const resuming = (sessionId: string | undefined) => (sessionId === undefined ? {} : { sessionId });

  it('writes a file, reports what it does, and what it used', async () => {
    const { session, outcome } = start([
      { write: { path: 'SPEC.md', content: '# Spec\n' }, usage: { input: 1000, output: 50 } },
      { text: 'All done.', usage: { input: 200, output: 5, cacheRead: 1000 } },
    ]);
    const result = await outcome;
    expect(result).toMatchObject({
      ...{ outcome: 'ok', exitCode: 0, text: 'All done.' },
      ...{ agentVersion: '0.169.0', model: MODEL, usage: { input: 1200, output: 55, cacheRead: 1000 } },
    });
    expect(result.usage).not.toHaveProperty('costMicroUsd');
    expect(result.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(readFileSync(join(project, 'SPEC.md'), 'utf8')).toBe('# Spec\n');
    expect(events.map((event) => event.type)).toEqual([
      ...['started', 'tool', 'tool', 'file', 'message', 'usage', 'result'],
    ]);
    expect(events).toContainEqual({ type: 'file', path: 'SPEC.md', kind: 'create' });
    expect(session.requests[0]?.prompt).toContain('Write the specification.');
    expect(session.requests[0]?.system).toContain('You are "alex".\nYou specify.');
    expect(session.requests[0]?.headers['authorization']).toBe(`Bearer ${KEY}`);
    expect(session.requests[0]?.tools).not.toContain('web_search');
  });

  it.each([
    ['a role that only reads', { tools: ['Read', 'Grep'] }],
    ['a role that writes', {}],
  ] as const)('can leave its answer as %s', async (_, changes) => {
    const { session, outcome } = start(
      (request) => {
        const named = /MURMUR8_ANSWER is (\S+\.json)/.exec(request.prompt)?.[1] ?? '';
        return request.turn === 0 ? { write: { path: named, content: '{"rating":4}' } } : { text: 'Rated.' };
      },
      { ...changes, prompt: 'Write your answer to the file that MURMUR8_ANSWER names.' },
    );
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(session.requests[1]?.toolResults).toMatchObject([{ failed: false }]);
    expect(JSON.parse(readFileSync(order().answerFile, 'utf8'))).toEqual({ rating: 4 });
  });

  it('as a role that only reads can write nothing but its answer, neither by patch nor by shell', async () => {
    const { session, outcome } = start(
      [
        { write: { path: 'OTHER.md', content: 'no' } },
        {
          bash: 'echo no > SHELL.md; touch /tmp/planted-$MURMUR8_RUN_ID; echo {} > "$MURMUR8_ANSWER"; cat seen.txt',
        },
        { text: 'Tried.' },
      ],
      { tools: ['Read', 'Grep'] },
    );
    writeFileSync(join(project, 'seen.txt'), 'what it may read');
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(session.requests[1]?.toolResults).toMatchObject([{ failed: true }]);
    expect(session.requests[2]?.toolResults[0]?.text).toContain('what it may read');
    expect(readdirSync(project).sort()).toEqual(['.claude', '.git', 'seen.txt']);
    expect(existsSync(`/tmp/planted-${runId}`)).toBe(false);
    expect(existsSync(order().answerFile)).toBe(true);
  });

  it('as a role that writes stays in the project, and out of its history', async () => {
    const { outcome } = start([
      { bash: 'echo yes > IN.md; echo no > .git/planted; echo no > /root/planted-by-codex' },
      { text: 'Tried.' },
    ]);
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(existsSync(join(project, 'IN.md'))).toBe(true);
    expect(existsSync(join(project, '.git/planted'))).toBe(false);
    expect(existsSync('/root/planted-by-codex')).toBe(false);
  });

  it('runs commands with the job in their environment and without any key', async () => {
    const { outcome } = start([
      { bash: 'echo $MURMUR8_STAGE $MURMUR8_SLUG; env > seen.txt' },
      { text: `The key is ${KEY}` },
    ]);
    expect(await outcome).toMatchObject({ outcome: 'ok', text: 'The key is ***' });
    const seen = readFileSync(join(project, 'seen.txt'), 'utf8');
    expect(seen).toContain(`MURMUR8_RUN_ID=${runId}`);
    expect(seen).not.toContain(KEY);
    expect(seen).not.toContain(OTHER_KEY);
    expect(log()).toContain('alex demo');
    expect(log()).not.toContain(KEY);
    expect(JSON.stringify(events)).not.toContain(KEY);
  });

  it('hands its key on where the user says so', async () => {
    const { outcome } = start(
      [{ bash: 'echo "$OPENAI_API_KEY" > seen.txt' }, { text: 'Done.' }],
      {},
      {
        env: { MURMUR8_PASS_ENV: 'OPENAI_API_KEY' },
      },
    );
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(readFileSync(join(project, 'seen.txt'), 'utf8')).toBe(`${KEY}\n`);
  });

  it.each([
    ['a wrong key', 401, 'auth', {}],
    ['too many requests', 429, 'quota', {}],
    ['an account without money', 429, 'billing', { error: { code: 'insufficient_quota' } }],
    ['an overload', 503, 'overloaded', { error: { code: 'server_is_overloaded' } }],
    ['an error of the service', 500, 'unavailable', {}],
    ['too much text', 400, 'context', { error: { code: 'context_length_exceeded' } }],
    ['a wrong request', 400, 'agent', { message: 'there is no such field' }],
  ] as const)('that meets %s (%d) ends as %s', async (_, status, expected, more) => {
    const { outcome } = start([{ status, ...more }]);
    const result = await outcome;
    expect(result.outcome).toBe(expected);
    expect(result.message).toBeTruthy();
    expect(events.at(-1)).toMatchObject({ type: 'error', reason: expected });
  });

  it('that has no service to talk to ends as unavailable', async () => {
    const { outcome } = start([{ disconnect: 'headers' }]);
    expect((await outcome).outcome).toBe('unavailable');
  });

  it('ends when it took more turns than it may', async () => {
    const { session, outcome } = start([{ bash: 'true' }], { maxTurns: 2 });
    expect(await outcome).toMatchObject({ outcome: 'turn-limit', message: 'more than 2 turns' });
    expect(session.requests.length).toBeLessThan(10);
  });

  it('is stopped when the model stays silent', async () => {
    const { outcome } = start([{ hang: 'stream' }], { stallTimeoutMs: 1_500 });
    expect(await outcome).toMatchObject({ outcome: 'stalled' });
  });

  it('that is killed from outside has crashed', async () => {
    const { session, outcome } = start([{ hang: 'headers' }]);
    await session.reached(1);
    for (const pid of aliveWith(runId)) killNow(pid);
    expect(await outcome).toMatchObject({ outcome: 'crashed', message: 'ended by signal SIGKILL' });
  });

  it('cancelled in the middle of a tool leaves no process behind, and no directory of its sandbox', async () => {
    const controller = new AbortController();
    const { outcome } = start(
      [{ bash: 'echo begun > begun; sleep 1000' }],
      {},
      { signal: controller.signal },
    );
    await vi.waitUntil(() => existsSync(join(project, 'begun')), { timeout: 30_000 });
    controller.abort();
    expect(await outcome).toMatchObject({ outcome: 'cancelled' });
    expect(aliveWith(runId)).toEqual([]);
    expect(readdirSync(project).sort()).toEqual(['.claude', '.git', 'begun']);
  });

  it('goes on with the session of an earlier attempt, and counts only what is new', async () => {
    const usage = { input: 1000, output: 10, cacheRead: 300 };
    const first = await start([{ text: 'First.', usage }]).outcome;
    const { session, outcome } = start([{ text: 'Second.', usage }], {
      prompt: 'Go on.',
      ...resuming(first.sessionId),
    });
    const second = await outcome;
    expect(second).toMatchObject({ outcome: 'ok', text: 'Second.', sessionId: first.sessionId });
    expect(second.usage).toEqual(first.usage);
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

  it('honours the user’s own settings: model, service and key', async () => {
    const session = server.session([{ text: 'From the settings.' }]);
    writeFileSync(
      join(directory, '.codex/config.toml'),
      `model = "${MODEL}"\nmodel_provider = "company"\nsandbox_mode = "danger-full-access"\n\n[model_providers.company]\nname = "company"\nbase_url = "${session.url}/v1"\nenv_key = "COMPANY_KEY"\nwire_api = "responses"\n`,
    );
    const { model: _, ...withoutModel } = order();
    const agent = createCliAgent(codexDefinition, {
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        MURMUR8_CODEX_PROGRAM: program,
        MURMUR8_PASS_ENV: 'COMPANY_KEY',
        COMPANY_KEY: KEY,
      },
      secrets: [KEY],
      cwd: project,
    });
    const outcome = await agent.run(withoutModel, () => {}, new AbortController().signal);
    expect(outcome).toMatchObject({ outcome: 'ok', text: 'From the settings.' });
    expect(session.requests[0]).toMatchObject({ model: MODEL });
    expect(session.requests[0]?.headers['authorization']).toBe(`Bearer ${KEY}`);
  });

  it('loads no settings and no servers of the project, even of one that the user trusts', async () => {
    mkdirSync(join(project, '.codex'));
    writeFileSync(
      join(project, '.codex/config.toml'),
      `[mcp_servers.planted]\ncommand = "touch"\nargs = ["${join(directory, 'planted')}"]\n`,
    );
    const trusting = `[projects."${project}"]\ntrust_level = "trusted"\n`;
    writeFileSync(join(directory, '.codex/config.toml'), trusting);
    expect(await start([{ text: 'Next stage.' }]).outcome).toMatchObject({ outcome: 'ok' });
    expect(existsSync(join(directory, 'planted'))).toBe(false);
    expect(readFileSync(join(directory, '.codex/config.toml'), 'utf8')).toBe(trusting);
  });

  it('kept from the user’s home leaves its sessions with the run', async () => {
    rmSync(join(directory, '.codex'), { recursive: true });
    const { outcome } = start([{ text: 'Here.' }], {}, { isolated: true });
    expect(await outcome).toMatchObject({ outcome: 'ok' });
    expect(existsSync(join(directory, 'run-home/.codex/sessions'))).toBe(true);
    expect(existsSync(join(directory, '.codex'))).toBe(false);
  });

  it('says on which setting of the user’s it does not start', async () => {
    writeFileSync(join(directory, '.codex/config.toml'), 'approvals_reviewer = 5\n');
    const result = await start([{ text: 'No.' }]).outcome;
    expect(result.outcome).toBe('crashed');
    expect(result.message).toMatch(/^exit code 1: [\s\S]*approvals_reviewer/);
  });

  it('is probed without a request: version, program and login', async () => {
    const env = { PATH: process.env['PATH'], HOME: directory, MURMUR8_CODEX_PROGRAM: program };
    const probe = (more: Record<string, string>) =>
      createCliAgent(codexDefinition, { env: { ...env, ...more }, secrets: [], cwd: project }).probe();
    expect(await probe({ OPENAI_API_KEY: KEY })).toMatchObject({
      ok: true,
      value: { runner: 'codex', version: '0.169.0', program, login: 'ok', reportsCost: false },
    });
    expect(await probe({})).toMatchObject({ ok: true, value: { login: 'missing' } });
  });
});

/** It may be gone by now: with its parent, or by itself. */
function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // That was wanted.
  }
}

describe('a missing codex', () => {
  it('is a problem with a hint', async () => {
    const agent = createCliAgent(codexDefinition, { env: { PATH: '/nowhere' }, secrets: [], cwd: '/' });
    expect(await agent.probe()).toMatchObject({ ok: false, error: { code: 'runner-missing' } });
  });
});
