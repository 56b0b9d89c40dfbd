import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../src/core/agent/event.ts';
import { createCommandAgent } from '../../../src/edges/agents/command.ts';
import type { AgentOrder } from '../../../src/engine/ports.ts';
import { aliveWith } from '../../rig/agents-alive.ts';

let directory: string;
let events: AgentEvent[];
const runId = randomUUID();
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-command-agent-'));
  events = [];
});
afterEach(() => {
  expect(aliveWith(runId)).toEqual([]);
  rmSync(directory, { recursive: true, force: true });
});

const agent = (line: string) =>
  createCommandAgent(line, {
    env: { PATH: process.env['PATH'], API_TOKEN: 'hunter2-hunter2' },
    secrets: ['hunter2-hunter2'],
    cwd: directory,
  });

function run(line: string, changes: Partial<AgentOrder> = {}) {
  const order: AgentOrder = {
    runId,
    attempt: 1,
    agent: 'codey',
    instructions: 'You are codey.',
    prompt: 'Do the step.',
    cwd: directory,
    timeoutMs: 30_000,
    stallTimeoutMs: 30_000,
    answerFile: join(directory, 'answer.json'),
    logFile: join(directory, 'log'),
    scratchDir: join(directory, 'scratch'),
    homeDir: join(directory, 'home'),
    job: {
      kind: 'work',
      stage: 'codey-implement',
      slug: 'demo',
      featureId: 'f-1',
      briefPath: 'BRIEF.md',
      step: 2,
      findings: [],
      withStories: true,
    },
    ...changes,
  };
  return agent(line).run(order, (event) => events.push(event), new AbortController().signal);
}

describe('a command as an agent', () => {
  it('gets the prompt on standard input and the job in its environment', async () => {
    const result = await run(
      'cat; echo; echo $MURMUR8_STAGE $MURMUR8_STEP $MURMUR8_JOB $MURMUR8_SLUG $MURMUR8_ANSWER',
    );
    expect(result).toMatchObject({ outcome: 'ok', exitCode: 0 });
    expect(result.text).toBe(
      `You are codey.\n\nDo the step.\ncodey-implement 2 work demo ${join(directory, 'answer.json')}`,
    );
  });

  it('is told which attempt at which frame it makes, by which strategy, and what was wrong', async () => {
    const job: AgentOrder['job'] = {
      kind: 'audit',
      stage: 'draw',
      pipeline: 'sprites',
      frame: 3,
      strategy: 'WIDER',
      slug: '',
      featureId: '',
      briefPath: '',
      findings: ['too\nblue', 'too $(small)'],
      withStories: false,
    };
    const line =
      'echo "$MURMUR8_JOB $MURMUR8_FRAME $MURMUR8_ATTEMPT_NUMBER $MURMUR8_STRATEGY"; echo "$MURMUR8_FINDINGS"';
    expect((await run(line, { job, attempt: 4 })).text).toBe('audit 3 4 WIDER\ntoo blue\ntoo $(small)');
  });

  it('tells its lines as masked messages', async () => {
    await run('echo one hunter2-hunter2; echo two');
    expect(events).toEqual([
      { type: 'started' },
      { type: 'message', text: 'one ***' },
      { type: 'message', text: 'two' },
    ]);
  });

  it('has crashed with another exit code, and says what it complained about', async () => {
    expect(await run('echo "no key" >&2; exit 9')).toEqual({
      outcome: 'crashed',
      exitCode: 9,
      message: 'exit code 9: no key',
    });
  });

  it('is stopped when silent', async () => {
    const result = await run('sleep 1000', { stallTimeoutMs: 200 });
    expect(result).toMatchObject({ outcome: 'stalled', silentMs: expect.any(Number) });
    expect(result.silentMs).toBeGreaterThanOrEqual(200);
  });

  it('floods the events only so far', async () => {
    await run('seq 1 5000');
    expect(events.length).toBe(2002);
    expect(events.at(-1)).toEqual({ type: 'message', text: '… more output is in the log' });
  });

  it('can be run again in the same attempt directory', async () => {
    await run('cat', { prompt: 'first' });
    expect((await run('cat', { prompt: 'second' })).text).toContain('second');
  });

  it('is probed by its first word', async () => {
    expect(await agent('cat -u | wc').probe()).toMatchObject({
      ok: true,
      value: { runner: 'command:cat -u | wc' },
    });
    expect(await agent('KEY=1 no-such-program --x').probe()).toMatchObject({
      ok: false,
      error: { code: 'runner-missing' },
    });
    expect(await agent('"$AGENT" run').probe()).toMatchObject({ ok: true });
  });
});
