import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentErrorReason, AgentEvent } from '../../../src/core/agent/event.ts';
import { createCliAgent } from '../../../src/edges/agents/cli-agent.ts';
import type { CliAgentDefinition } from '../../../src/edges/agents/cli-agent-definition.ts';
import { cliOutcome } from '../../../src/edges/agents/cli-outcome.ts';
import type { AgentOrder } from '../../../src/engine/ports.ts';
import { aliveWith } from '../../rig/agents-alive.ts';

const SECRET = 'scripted-secret-0123456789';

let directory: string;
let runId: string;
let events: AgentEvent[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-cli-agent-'));
  mkdirSync(join(directory, 'project'));
  runId = randomUUID();
  events = [];
});
afterEach(() => {
  expect(aliveWith(runId)).toEqual([]);
  rmSync(directory, { recursive: true, force: true });
});

/** An agent that is a shell script: what it prints are texts, and `done` is its result. */
function definition(script: string, changes: Partial<CliAgentDefinition> = {}): CliAgentDefinition {
  const program = join(directory, 'agent');
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return {
    name: 'scripted',
    title: 'Scripted',
    notFound: { code: 'runner-missing', message: 'no agent', hint: 'install it' },
    tested: { from: '1.0.0', below: '2.0.0' },
    reportsCost: false,
    find: async () => program,
    versionEnvironment: () => ({}),
    login: async () => 'unknown',
    writingTool: 'pen',
    arguments: ({ order }) => (order.sessionId === undefined ? ['new'] : ['resume', order.sessionId]),
    environment: ({ order, temporaryDir }) => ({
      PATH: process.env['PATH'] ?? '',
      ANSWER: order.answerFile,
      TMPDIR: temporaryDir,
    }),
    reader: () => {
      let text: string | undefined;
      return {
        line: (line) => {
          if (line === 'done') text = line;
          return [{ type: 'message', text: line }];
        },
        result: () => (text === undefined ? undefined : { ok: true, text }),
        toolRunning: () => false,
      };
    },
    outcome: cliOutcome,
    lostSession: (sessionId, message) => message.includes(`gone: ${sessionId}`),
    stopLadder: [{ signal: 'SIGTERM', to: 'group', waitMs: 5_000 }],
    longestToolMs: 1,
    ...changes,
  };
}

function run(agent: CliAgentDefinition, changes: Partial<AgentOrder> = {}) {
  const project = join(directory, 'project');
  const order: AgentOrder = {
    runId,
    attempt: 1,
    agent: 'alex',
    instructions: 'You are alex.',
    prompt: 'Write.',
    cwd: project,
    timeoutMs: 50_000,
    stallTimeoutMs: 45_000,
    answerFile: join(directory, 'answer.json'),
    logFile: join(directory, 'attempt.log'),
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
  const runner = createCliAgent(agent, { env: {}, secrets: [SECRET], cwd: project });
  return runner.run(order, (event) => events.push(event), new AbortController().signal);
}

describe('an agent with a command line', () => {
  it('gets its prompt through standard input, and can write its answer at the place that this names', async () => {
    const script = `cat > seen.txt; echo '{"a":"${SECRET}"}' > "$ANSWER"; echo "key ${SECRET}"; echo done`;
    expect(await run(definition(script))).toMatchObject({ outcome: 'ok', exitCode: 0, text: 'done' });
    const seen = readFileSync(join(directory, 'project/seen.txt'), 'utf8');
    expect(seen).toMatch(/^Write\.\n/);
    expect(seen).toMatch(/MURMUR8_ANSWER is \S+: .* with the tool pen /);
    expect(readFileSync(join(directory, 'answer.json'), 'utf8')).toBe('{"a":"***"}\n');
    expect(events).toContainEqual({ type: 'message', text: 'key ***' });
  });

  it('finds its own configuration, which is its owner’s alone, also where an older one was open to all', async () => {
    const path = join(directory, 'home/settings/own.json');
    mkdirSync(join(directory, 'home/settings'), { recursive: true });
    writeFileSync(path, 'old and longer', { mode: 0o644 });
    const agent = definition('echo done', { files: () => [{ path, text: '{"key":1}' }] });
    expect(await run(agent)).toMatchObject({ outcome: 'ok' });
    expect(readFileSync(path, 'utf8')).toBe('{"key":1}');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('does not begin where its configuration cannot be written', async () => {
    writeFileSync(join(directory, 'home'), 'a file');
    const files = () => [{ path: join(directory, 'home/own.json'), text: '' }];
    const outcome = await run(definition('touch begun; echo done', { files }));
    expect(outcome).toMatchObject({ outcome: 'spawn-error' });
    expect(outcome.message).toContain('configuration cannot be written');
  });

  it('is ended at the limit that its reader keeps, whatever it says while it is ended', async () => {
    const script = `trap 'echo done; exit 0' TERM; echo one; echo two; while :; do sleep 0.1; done`;
    let ended = 0;
    const agent = definition(script, {
      reader: () => {
        let lines = 0;
        return {
          line: () => {
            lines += 1;
            return [];
          },
          result: () => ({ ok: true, text: 'done' }),
          toolRunning: () => false,
          overLimit: () => (lines > 1 ? { reason: 'turn-limit', message: 'more than 1 line' } : undefined),
          ended: async () => {
            expect(aliveWith(runId)).toEqual([]);
            ended += 1;
          },
        };
      },
    });
    expect(await run(agent)).toMatchObject({ outcome: 'turn-limit', message: 'more than 1 line' });
    expect(ended).toBe(1);
  });

  /** What it prints are the events themselves, and the reason for which it failed. */
  const telling = (script: string, changes: Partial<CliAgentDefinition> = {}) => {
    const said = { reason: undefined as AgentErrorReason | undefined };
    const line = (text: string): readonly AgentEvent[] => {
      const event = JSON.parse(text) as AgentEvent;
      if (event.type === 'error') said.reason = event.reason;
      return [event];
    };
    return definition(script, {
      reader: () => ({
        line,
        errorLine: (text) => (text.startsWith('{') ? line(text) : []),
        result: () =>
          said.reason === undefined ? undefined : { ok: false, reason: said.reason, text: 'no' },
        toolRunning: () => false,
      }),
      ...changes,
    });
  };

  it('tells when its service answers again, as a moment', async () => {
    const begun = Date.now();
    const error = (more: string) => `echo '{"type":"error","reason":"quota","message":"no"${more}}'; exit 1`;
    const soon = await run(telling(error(',"retryAfterMs":3600000')));
    expect(soon).toMatchObject({ outcome: 'quota' });
    expect(Date.parse(soon.retryAt ?? '')).toBeGreaterThanOrEqual(begun + 3_600_000);
    expect(Date.parse(soon.retryAt ?? '')).toBeLessThanOrEqual(Date.now() + 3_600_000);
    const at = '2999-01-01T00:00:00.000Z';
    expect(await run(telling(error(`,"retryAt":${Date.parse(at)}`)))).toMatchObject({ retryAt: at });
    for (const none of ['', ',"retryAt":1000', ',"retryAt":1e300'])
      expect(await run(telling(error(none)))).not.toHaveProperty('retryAt');
    const bill = error(',"retryAfterMs":3600000').replace('quota', 'billing');
    expect(await run(telling(bill))).not.toHaveProperty('retryAt');
  });

  it('does not sit out a long pause by itself; a short one it may', async () => {
    const retry = (delayMs: number) => `'{"type":"retry","delayMs":${delayMs},"message":"rate limit"}'`;
    const long = await run(telling(`echo ${retry(3_600_000)} >&2; sleep 1000`));
    expect(long).toMatchObject({ outcome: 'quota', message: 'rate limit' });
    expect(Date.parse(long.retryAt ?? '')).toBeGreaterThan(Date.now() + 3_000_000);
    const short = `echo ${retry(1)}; echo '{"type":"error","reason":"overloaded","message":"no"}'; exit 1`;
    expect(await run(telling(short))).toMatchObject({ outcome: 'overloaded' });
  });

  it('is not silent while it gives signs of life, which nobody has to read', async () => {
    const script = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo beat; sleep 0.5; done; echo done';
    const agent = definition(script, { isSignOfLife: (_stream, line) => line === 'beat' });
    expect(await run(agent, { stallTimeoutMs: 4_000 })).toMatchObject({ outcome: 'ok' });
    expect(events).toEqual([{ type: 'message', text: 'done' }]);
    expect(readFileSync(join(directory, 'attempt.log'), 'utf8')).not.toContain('beat');
  });

  it('does not begin with what is no program, and does not hand it to a shell', async () => {
    const program = join(directory, 'garbage');
    writeFileSync(program, 'touch begun\n', { mode: 0o755 });
    const told = await run(definition('', { find: async () => program }));
    expect(told.outcome).toBe('spawn-error');
    expect(told.message).toContain(`${program} is neither a program nor a script`);
    expect(told.message).toContain('or set MURMUR8_SCRIPTED_PROGRAM to its path');
    expect(existsSync(join(directory, 'project/begun'))).toBe(false);
  });

  it('with a model that nobody knows does not begin, and says what to do', async () => {
    const reader = () => ({
      line: () => [],
      result: () => ({ ok: false, text: 'The model `gpt-9` does not exist' }),
      toolRunning: () => false,
    });
    const told = await run(definition('exit 1', { reader }), { model: 'gpt-9' });
    expect(told.outcome).toBe('spawn-error');
    expect(told.message).toMatch(/^the model gpt-9 is not to be had .*--model/);
  });

  it('is started afresh, once, where its session is lost', async () => {
    const script = `echo "$*" >> starts.txt; [ "$1" = new ] && echo done && exit 0; echo "gone: $2" >&2; exit 1`;
    expect(await run(definition(script), { sessionId: 's-1' })).toMatchObject({ outcome: 'ok' });
    const starts = () => readFileSync(join(directory, 'project/starts.txt'), 'utf8');
    expect(starts()).toBe('resume s-1\nnew\n');
    const never = `echo "$*" >> starts.txt; echo "gone: s-1 $2" >&2; exit 1`;
    expect(await run(definition(never), { sessionId: 's-1' })).toMatchObject({ outcome: 'crashed' });
    expect(starts()).toBe('resume s-1\nnew\nresume s-1\nnew\n');
  });

  it.each([
    ['exit 0', 'no-result', 'the agent exited without a result'],
    ['echo done; exit 3', 'crashed', 'exit code 3 after a result'],
    ['echo "wrong flag" >&2; exit 2', 'crashed', 'exit code 2: wrong flag'],
    ['echo "you are not logged in" >&2; exit 1', 'auth', 'exit code 1: you are not logged in'],
    ['kill -9 $$', 'crashed', 'ended by signal SIGKILL'],
  ])('that does %s ends as %s', async (script, outcome, message) => {
    expect(await run(definition(script))).toMatchObject({ outcome, message });
  });

  it('tells its version, or why it does not start', async () => {
    const probe = (script: string) =>
      createCliAgent(definition(script), { env: {}, secrets: [], cwd: directory }).probe();
    expect(await probe('echo "agent v1.2.3 (stable)"')).toMatchObject({
      ok: true,
      value: { runner: 'scripted', version: '1.2.3', login: 'unknown', reportsCost: false },
    });
    expect(await probe('echo "no such library" >&2; exit 127')).toMatchObject({
      ok: false,
      error: { code: 'runner-broken', message: 'Scripted does not start: no such library' },
    });
  });
});
