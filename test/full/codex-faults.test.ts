import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { featureScript, question } from '../rig/feature-script.ts';
import { type AgentProject, agentProject, implement } from '../rig/feature-script-project.ts';
import { findingsIn, quoted, taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, type ModelSession, startModelServer } from '../rig/model-server.ts';
import type { ModelStep } from '../rig/model-server-step.ts';

const program = agentProgram('codex');

/** What test/e2e/codex.test.ts leaves out because it takes long. */
describe.skipIf(program === undefined)('implement-feature with the real codex, in trouble', () => {
  let server: ModelServer;
  let project: AgentProject;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = agentProject('codex', program ?? '');
  });
  afterEach(() => {
    expect(aliveWith(project.home)).toEqual([]);
    project.remove();
  });

  const codex = (...more: string[]) => implement(project, ...more);
  const short = ['--skip-stories', '--no-feedback', '--yes'];
  const ends = () => project.journal().filter((event) => event.type === 'attempt.generated');
  const outcomes = () => ends().map((event) => event.outcome);
  const kindOf = (request: ModelSession['requests'][number]) => taskOf(request.prompt)?.kind;

  it.each<readonly [string, ModelStep, string, readonly string[]]>([
    [
      'is overloaded',
      { status: 503, error: { code: 'server_is_overloaded' } },
      'DEP_API_UNAVAILABLE',
      ['overloaded', 'overloaded', 'overloaded'],
    ],
    ['fails', { status: 500 }, 'DEP_API_UNAVAILABLE', ['unavailable', 'unavailable', 'unavailable']],
    [
      'hangs up before it answers',
      { disconnect: 'headers' },
      'DEP_API_UNAVAILABLE',
      ['unavailable', 'unavailable', 'unavailable'],
    ],
    [
      'hangs up in the middle of its answer',
      { disconnect: 'stream' },
      'DEP_API_UNAVAILABLE',
      ['unavailable', 'unavailable', 'unavailable'],
    ],
    ['forbids it', { status: 403 }, 'DEP_AUTH', ['auth']],
    ['has had too many requests', { status: 429 }, 'DEP_QUOTA', ['quota']],
    ['says when it will take requests again', { status: 429, retryAfterSeconds: 1 }, 'DEP_QUOTA', ['quota']],
    [
      'wants money',
      { status: 429, error: { code: 'insufficient_quota', message: 'You exceeded your current quota.' } },
      'DEP_QUOTA',
      ['quota'],
    ],
    ['refuses the task', { refusal: 'I will not.' }, 'AGENT_REFUSED', ['refused']],
    [
      'finds the prompt too long',
      { status: 400, error: { code: 'context_length_exceeded' } },
      'CONTEXT_OVERFLOW',
      ['context', 'context'],
    ],
  ])('ends with its reason when the service %s', async (_, step, code, expected) => {
    const model = server.session([step]);
    const done = await project.run(model, codex('--yes'));
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining(code) });
    expect(outcomes()).toEqual(expected);
    expect(project.history()).toMatchObject([{ status: 'failed', failedStage: 'alex', reasonCode: code }]);
  });

  it.each(['html', 'empty', 'json'] as const)(
    'takes a service that answers %s for one that is not there',
    async (malformed) => {
      const model = server.session([{ malformed }]);
      const done = await project.run(model, codex('--yes'));
      expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('DEP_API_UNAVAILABLE') });
      expect(model.requests.length).toBeLessThan(40);
    },
  );

  it('recovers from an overload', async () => {
    let refused = 0;
    const model = server.session(
      featureScript((_request, { kind }) => {
        if (kind !== 'alex' || refused > 0) return undefined;
        refused += 1;
        return { status: 503, error: { code: 'server_is_overloaded' } };
      }),
    );
    expect(await project.run(model, codex('--pause-after=alex'))).toMatchObject({ code: 3 });
    expect(outcomes()).toEqual(['overloaded', 'ok']);
  });

  it('reads an answer that comes slowly', async () => {
    const model = server.session(
      featureScript(({ turn }, { kind }) =>
        kind === 'alex' && turn === 1
          ? { text: 'Word by word it is done.', slow: { pieces: 6, pauseMs: 300 } }
          : undefined,
      ),
    );
    expect(await project.run(model, codex('--pause-after=alex'))).toMatchObject({ code: 3 });
    expect(outcomes()).toEqual(['ok']);
  });

  it.each(['headers', 'stream'] as const)(
    'times out when the model hangs at the %s: asked once more in its thread; later it goes on with more time',
    async (hang) => {
      let free = false;
      const model = server.session(featureScript(() => (free ? undefined : { hang })));
      const stopped = await project.run(model, codex('--yes', '--stage-timeout', '3s'));
      expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('STAGE_TIMEOUT') });
      expect(outcomes()).toEqual(['timeout', 'timeout']);
      expect(new Set(ends().map((event) => event.sessionId)).size).toBe(1);
      free = true;
      const more = ['--stage-timeout', '1m', '--pause-after', 'alex'];
      expect(await project.run(model, ['resume', 'greeting', ...more])).toMatchObject({ code: 3 });
      expect(project.history().map((entry) => entry.reasonCode)).toEqual([
        'STAGE_TIMEOUT',
        'PAUSED_AFTER_STAGE',
      ]);
    },
  );

  it('ends what is silent for too long and asks once more in its thread', async () => {
    const shipped = readFileSync(
      new URL('../../.blueprint/pipelines/implement-feature.yaml', import.meta.url),
    );
    project.write('.blueprint/pipelines/implement-feature.yaml', `${shipped}\nlimits: {stall_timeout: 8s}\n`);
    let silent = true;
    const model = server.session(
      featureScript(({ turn }, { kind }) => {
        if (kind !== 'alex' || turn !== 1 || !silent) return undefined;
        silent = false;
        return { hang: 'stream' };
      }),
    );
    expect(await project.run(model, codex('--pause-after=alex'))).toMatchObject({ code: 3 });
    expect(outcomes()).toEqual(['stalled', 'ok']);
    expect(new Set(ends().map((event) => event.sessionId)).size).toBe(1);
    expect(model.requests.at(-1)?.prompts).toHaveLength(2);
  });

  it('gives up on a result that stays invalid, and says what is wrong with it', async () => {
    const model = server.session([{ text: 'I am done.' }]);
    const done = await project.run(model, codex('--yes'));
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('OUTPUT_INVALID') });
    expect(done.stderr).toContain('FEATURE_SPEC.md');
    expect(model.requests.at(-1)?.prompts).toHaveLength(3);
  });

  it('asks its human, ends, and goes on in the same thread with the answer', async () => {
    const model = server.session(
      featureScript(({ prompt, turn }, { kind }) => {
        if (kind !== 'alex' || prompt.includes('<<<QUOTED the answer')) return undefined;
        return turn === 0 ? { write: question(prompt, 'Which language?') } : { text: 'I asked.' };
      }),
    );
    const asked = await project.run(model, codex('--pause-after=alex'));
    expect(asked).toMatchObject({ code: 3, stderr: expect.stringContaining('Which language?') });
    const done = await project.run(model, ['answer', 'greeting', 'English,', 'please']);
    expect(done).toMatchObject({ code: 3 });
    const { prompts = [] } = model.requests.at(-1) ?? {};
    expect(prompts).toHaveLength(2);
    expect(quoted(prompts[1] ?? '', 'the answer').trim()).toBe('English, please');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s while the model is silent it goes on later', async (signal, code) => {
    let free = false;
    const model = server.session(featureScript(() => (free ? undefined : { hang: 'stream' })));
    const going = project.start(model, codex('--pause-after=alex'));
    await model.reached(1);
    going.child.kill(signal);
    expect(await going.ended).toMatchObject({ code, stderr: expect.stringContaining('murmur8 resume') });
    expect(aliveWith(project.home)).toEqual([]);
    expect(outcomes()).toEqual(['cancelled']);
    free = true;
    expect(await project.run(model, codex('--pause-after=alex'))).toMatchObject({ code: 3 });
  });

  it('killed at once by a second Ctrl+C leaves nothing alive', async () => {
    const stubborn = `trap '' INT TERM; touch begun; while :; do sleep 1; done`;
    const model = server.session(
      featureScript(({ turn }, { kind }) => (kind === 'alex' && turn === 0 ? { bash: stubborn } : undefined)),
    );
    const going = project.start(model, codex(...short));
    await toolBegun();
    going.child.kill('SIGINT');
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130 });
    expect(aliveWith(project.home)).toEqual([]);
    expect(project.history()).toMatchObject([{ status: 'paused', reasonCode: 'USER_INTERRUPT' }]);
  });

  it('goes on after our own process was killed, once what it left running is ended', async () => {
    let begun = false;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind !== 'nigel' || request.turn !== 0 || begun) return undefined;
        begun = true;
        return { bash: 'touch begun; sleep 1000' };
      }),
    );
    const going = project.start(model, codex(...short));
    await toolBegun();
    going.child.kill('SIGKILL');
    await going.ended;
    expect(aliveWith(project.home).length).toBeGreaterThan(1);
    const done = await project.run(model, ['resume', 'greeting']);
    expect(done).toMatchObject({ code: 0 });
    expect(aliveWith(project.home)).toEqual([]);
    const first = model.requests.filter((request) => kindOf(request) === 'alex' && request.turn === 0);
    expect(first).toHaveLength(1);
  });

  it('works in a working tree of its own', async () => {
    const model = server.session(featureScript());
    const done = await project.run(model, codex('--worktree', '--pause-after=alex'));
    expect(done).toMatchObject({ code: 3 });
    expect(model.requests[0]?.cwd).toBe(project.path('.worktrees/greeting'));
    expect(project.has('.worktrees/greeting/.blueprint/features/feature_greeting/FEATURE_SPEC.md')).toBe(
      true,
    );
    expect(project.uncommitted()).toEqual([]);
  });

  it('puts failing tests back to codey with their names, and ends green', async () => {
    let wrong = 0;
    const model = server.session(
      featureScript((_request, { kind }, usual) => {
        const step = usual();
        if (kind !== 'codey-implement' || !('write' in step) || !('path' in step.write)) return undefined;
        if (!step.write.path.endsWith('greeting.js') || wrong === 1) return undefined;
        wrong += 1;
        return { write: { ...step.write, content: 'module.exports.greeting = () => "Hello, you!";\n' } };
      }),
    );
    expect(await project.run(model, codex(...short))).toMatchObject({ code: 0 });
    const findings = model.requests
      .filter((request) => kindOf(request) === 'codey-implement' && request.turn === 0)
      .map((request) => findingsIn(request.prompt))
      .filter((text) => text !== '');
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain('T-1');
  });

  const toolBegun = () => vi.waitUntil(() => existsSync(join(project.root, 'begun')), { timeout: 40_000 });
});
