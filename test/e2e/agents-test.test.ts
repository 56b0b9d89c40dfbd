import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AgentTestDocument, agentTestContract } from '../../src/interfaces/contract/agents.ts';
import { KEY_VARIABLE, writeSettings } from '../rig/agent-user.ts';
import { AGENT_NAMES, type AgentName, agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { MACHINE, murmur8, start } from '../rig/cli.ts';
import { type ModelServer, type ModelSession, startModelServer } from '../rig/model-server.ts';
import { until } from '../rig/until.ts';

/** All of them in the full test. */
const REAL: readonly AgentName[] = process.env['MURMUR8_TEST_FULL'] ? AGENT_NAMES : ['codex'];
const ACP_AGENT = join(import.meta.dirname, '../rig/acp-agent.mjs');
const KEY = 'agent-key-41d8cd98f00b204e';
/** A command that does what the task asks for. */
const WILLING = 'command:cat | grep -o "murmur-[0-9a-f]*" | head -1 > word.txt';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'murmur8-agents-test-'));
  for (const name of ['tmp', 'bin', 'here']) mkdirSync(join(home, name));
});
afterEach(() => {
  // Neither a process nor a directory, and nothing where it was typed.
  expect(aliveWith(home)).toEqual([]);
  expect(readdirSync(join(home, 'tmp')).filter((name) => name.startsWith('murmur8'))).toEqual([]);
  expect(readdirSync(join(home, 'here'))).toEqual([]);
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

const options = (env: Readonly<Record<string, string>> = {}) => ({
  cwd: join(home, 'here'),
  env: {
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    PATH: `${join(home, 'bin')}:${MACHINE['PATH']}`,
    ...env,
  },
});

async function test(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<AgentTestDocument & { readonly code: number | null }> {
  const done = await murmur8(['agents', 'test', ...words, '--json'], options(env));
  expect(done.stderr).toBe('');
  return { code: done.code, ...agentTestContract.parse(JSON.parse(done.stdout)) };
}

describe('agents test', () => {
  it('tries the runner without a model', async () => {
    expect(await test(['offline'])).toMatchObject({ code: 0, ok: true, reason_code: null, next: null });
    const done = await murmur8(['agents', 'test', 'offline'], options());
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/^ok: offline wrote the word/);
  });

  it('tries a command by what it leaves, not by what it says', async () => {
    const good = await test([WILLING]);
    expect(good).toMatchObject({ code: 0, ok: true, tokens: null, cost_usd: null, model: null });
    expect(good.duration_ms).toBeGreaterThanOrEqual(good.first_event_ms ?? Number.NaN);
    expect(await test(['command:echo done'])).toMatchObject({
      code: 1,
      ok: false,
      reason_code: 'OUTPUT_INVALID',
      message: expect.stringMatching(/there is no word\.txt; it said: done/),
      next: expect.stringContaining('MURMUR8_TASK'),
    });
    expect(await test(['command:echo other > word.txt'])).toMatchObject({
      message: expect.stringContaining('does not hold the word'),
    });
    expect(await test(['command:echo no such luck >&2; exit 3'])).toMatchObject({
      code: 1,
      reason_code: 'AGENT_CRASHED',
      message: 'exit code 3: no such luck',
    });
  });

  it('gives the command its task in a variable, too', async () => {
    const line = 'command:echo "$MURMUR8_STAGE ${MURMUR8_TASK##* }" > word.txt';
    expect(await test([line])).toMatchObject({ code: 0, ok: true });
  });

  it.each([
    [['clade'], /there is no runner "clade"\nhint: did you mean claude\?/],
    [['acp:'], /there is no runner "acp:"/],
    [[], /missing required argument/],
    [['offline', '--timeout', 'soon'], /duration with its unit/],
    [['command:true', '--max-cost', '1'], /does not tell what it costs/],
  ])('refuses %j before anything is started', async (words, said) => {
    const done = await murmur8(['agents', 'test', ...words], options());
    expect(done).toMatchObject({ code: 2, stdout: '' });
    expect(done.stderr).toMatch(said);
  });

  it('says how to get an agent that is not there, and how to log in to one that is', async () => {
    expect(await test(['codex'], { PATH: join(home, 'bin') })).toMatchObject({
      code: 1,
      reason_code: 'DEP_RUNNER_FAIL',
      message: 'Codex (codex) cannot be found',
      next: expect.stringContaining('npm install -g @openai/codex'),
      duration_ms: null,
    });
    writeFileSync(join(home, 'bin/codex'), '#!/bin/sh\necho codex-cli 0.170.1\n', { mode: 0o755 });
    expect(await test(['codex'])).toMatchObject({
      code: 1,
      reason_code: 'DEP_AUTH',
      version: '0.170.1',
      version_state: 'newer',
      next: expect.stringContaining('codex login'),
      duration_ms: null,
    });
  });

  it('says of a command that is no agent what it printed', async () => {
    expect(await test(["acp:sh -c 'echo Usage: tool; exit 1'"])).toMatchObject({
      code: 1,
      reason_code: 'DEP_RUNNER_FAIL',
      message: expect.stringMatching(/before it spoke the Agent Client Protocol; it printed: Usage: tool/),
      next: expect.stringContaining('acp:'),
    });
  });

  it('says of a program of another machine that it is one', async () => {
    const program = join(home, 'bin/foreign');
    const head = Buffer.from(`7f454c46${'02'.repeat(14)}b7b7`, 'hex');
    writeFileSync(program, Buffer.concat([head, Buffer.alloc(64)]), { mode: 0o755 });
    expect(await test([`acp:${program}`])).toMatchObject({
      code: 1,
      reason_code: 'DEP_RUNNER_FAIL',
      message: expect.stringMatching(/cannot be started: .* is a program for .*, and this is/),
    });
  });

  it('ends one that hangs when its time is over', async () => {
    const hung = await test(['command:sleep 1000 & sleep 1000', '--timeout', '2s']);
    expect(hung).toMatchObject({
      code: 1,
      reason_code: 'STAGE_TIMEOUT',
      next: expect.stringContaining('--timeout'),
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends the agent and tidies up at %s', async (signal, code) => {
    const going = start(['agents', 'test', `command:touch '${home}/begun'; sleep 1000`], options());
    await until(() => expect(readdirSync(home)).toContain('begun'));
    going.child.kill(signal);
    const done = await going.ended;
    expect(done).toMatchObject({ code });
    expect(done.stdout).toContain('USER_INTERRUPT');
  });

  it('kills at a second Ctrl+C one that listens to nobody', async () => {
    const line = `command:trap '' INT TERM; touch '${home}/begun'; while :; do sleep 0.1; done`;
    const going = start(['agents', 'test', line], options());
    await until(() => expect(readdirSync(home)).toContain('begun'));
    going.child.kill('SIGINT');
    await until(() => expect(going.stderr()).toContain('once more kills it'));
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130 });
  });
});

describe('agents test with a model', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());

  /** A model that writes the word it finds in the prompt. */
  const willing = (): ModelSession =>
    server.session((request) =>
      request.turn === 0
        ? { write: { path: 'word.txt', content: `${/murmur-[0-9a-f]{8}/.exec(request.prompt)?.[0]}\n` } }
        : { text: 'done' },
    );

  it('tries an agent that speaks the Agent Client Protocol', async () => {
    const model = willing();
    const runner = `acp:'${process.execPath}' '${ACP_AGENT}' --model-url ${model.url}`;
    expect(await test([runner])).toMatchObject({ code: 0, ok: true, version: 'test-agent 1.2.3' });
    expect(model.requests).toHaveLength(2);
    expect(await test([runner, '--model', 'huge'])).toMatchObject({
      code: 1,
      ok: false,
      message: expect.stringMatching(/huge[\s\S]*small/),
    });
  });

  /** The agent's own settings, its key, and where the service is. */
  function using(name: AgentName, program: string, model: ModelSession): Readonly<Record<string, string>> {
    if (name !== 'claude') writeSettings(name, home, model.url);
    return {
      [KEY_VARIABLE[name]]: KEY,
      [`MURMUR8_${name.toUpperCase()}_PROGRAM`]: program,
      CLAUDE_CODE_MAX_RETRIES: '0',
      ...(name === 'claude' ? { ANTHROPIC_BASE_URL: model.url } : {}),
      ...(name === 'gemini' ? { GOOGLE_GEMINI_BASE_URL: model.url } : {}),
    };
  }

  for (const name of REAL) {
    const program = agentProgram(name);
    describe.skipIf(program === undefined)(`with the real ${name}`, { timeout: 180_000 }, () => {
      it('tells time, model, tokens and what is known of the cost, and keeps no session', async () => {
        const model = willing();
        const tested = await test([name], using(name, program ?? '', model));
        expect(tested).toMatchObject({
          code: 0,
          ok: true,
          version_state: 'ok',
          // Codex does not say which model it took.
          model: name === 'codex' ? null : expect.any(String),
          tokens: { input: expect.any(Number), output: expect.any(Number) },
        });
        expect(tested.tokens?.input).toBeGreaterThan(0);
        expect(tested.cost_usd !== null).toBe(name === 'claude' || name === 'opencode');
        expect(model.requests).toHaveLength(2);
        // The others keep a record of every session.
        const sessions = name === 'claude' ? '.claude/projects' : '.codex/sessions';
        expect(filesBelow(join(home, sessions)).filter((file) => file.endsWith('.jsonl'))).toEqual([]);
      });

      it('says how to log in when the service refuses the key, and shows the key to nobody', async () => {
        const model = server.session([{ status: 401 }]);
        const done = await murmur8(['agents', 'test', name], options(using(name, program ?? '', model)));
        expect(done).toMatchObject({ code: 1, stderr: '' });
        expect(done.stdout).toMatch(/^failed: \w+ ended with DEP_AUTH/);
        expect(done.stdout).toMatch(/\nnext: /);
        expect(done.stdout).not.toContain(KEY);
      });

      it('says which model the service does not know', async () => {
        const message = 'The model `nobody` does not exist or you do not have access to it.';
        const model = server.session([{ status: 404, message }]);
        const wanted = name === 'opencode' ? 'scripted/m1' : 'nobody';
        expect(await test([name, '--model', wanted], using(name, program ?? '', model))).toMatchObject({
          code: 1,
          reason_code: 'DEP_RUNNER_FAIL',
          message: expect.stringContaining(wanted),
          next: expect.stringContaining('--model'),
        });
      });

      it.runIf(name === 'claude')('stops it when it costs more than it may', async () => {
        const env = using(name, program ?? '', willing());
        expect(await test([name, '--max-cost', '0.001'], env)).toMatchObject({
          code: 4,
          reason_code: 'BUDGET_EXCEEDED',
          next: expect.stringContaining('--max-cost'),
        });
      });

      it('ends it when the service says nothing, and at Ctrl+C', async () => {
        const model = server.session([{ hang: 'headers' }]);
        const env = using(name, program ?? '', model);
        // The slowest takes some seconds to ask at all.
        const patience = name === 'opencode' ? '20s' : '4s';
        expect(await test([name, '--timeout', patience], env)).toMatchObject({
          code: 1,
          reason_code: 'STAGE_TIMEOUT',
        });
        const before = model.requests.length;
        const going = start(['agents', 'test', name], options(env));
        await model.reached(before + 1);
        going.child.kill('SIGINT');
        expect(await going.ended).toMatchObject({ code: 130 });
      });
    });
  }
});

function filesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true }).map(String);
  } catch {
    return [];
  }
}
