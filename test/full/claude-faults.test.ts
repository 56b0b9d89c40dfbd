import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { claudeProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { featureScript, question, rating } from '../rig/feature-script.ts';
import { type ClaudeProject, claudeProject, implement } from '../rig/feature-script-project.ts';
import { findingsIn, quoted, taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';
import type { ModelStep } from '../rig/model-server-step.ts';

const program = claudeProgram();

/** What test/e2e/claude.test.ts leaves out because it takes long. */
describe.skipIf(program === undefined)('implement-feature with the real Claude Code, in trouble', () => {
  let server: ModelServer;
  let project: ClaudeProject;

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = claudeProject(program ?? '');
  });
  afterEach(() => {
    expect(aliveWith(project.home)).toEqual([]);
    project.remove();
  });

  const claude = (...more: string[]) => implement(project, ...more);
  const short = ['--skip-stories', '--no-feedback', '--yes'];
  const outcomes = () =>
    project.journal().flatMap((event) => (event.type === 'attempt.generated' ? [event.outcome] : []));

  it.each<readonly [string, ModelStep, string, readonly string[]]>([
    ['is overloaded', { status: 529 }, 'DEP_API_UNAVAILABLE', ['overloaded', 'overloaded', 'overloaded']],
    ['fails', { status: 500 }, 'DEP_API_UNAVAILABLE', ['unavailable', 'unavailable', 'unavailable']],
    [
      'hangs up',
      { disconnect: 'headers' },
      'DEP_API_UNAVAILABLE',
      ['unavailable', 'unavailable', 'unavailable'],
    ],
    ['forbids it', { status: 403 }, 'DEP_AUTH', ['auth']],
    ['refuses the task', { refusal: 'I will not.' }, 'AGENT_REFUSED', ['refused']],
    [
      'finds the prompt too long',
      { status: 400, message: 'prompt is too long: 250000 tokens > 200000 maximum' },
      'CONTEXT_OVERFLOW',
      ['context', 'context'],
    ],
  ])('ends with its reason when the service %s', async (_, step, code, expected) => {
    const model = server.session([step]);
    const done = await project.run(model, claude('--yes'));
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining(code) });
    expect(outcomes()).toEqual(expected);
    expect(project.history()).toMatchObject([{ status: 'failed', failedStage: 'alex', reasonCode: code }]);
  });

  it.each(['html', 'empty', 'json'] as const)(
    'takes a service that answers %s for one that is not there',
    async (malformed) => {
      const model = server.session([{ malformed }]);
      const done = await project.run(model, claude('--yes'));
      expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('DEP_API_UNAVAILABLE') });
      expect(model.requests.length).toBeLessThan(20);
    },
  );

  it('recovers from an overload', async () => {
    let refused = 0;
    const model = server.session(
      featureScript((_request, { kind }) => {
        if (kind !== 'alex' || refused > 0) return undefined;
        refused += 1;
        return { status: 529 };
      }),
    );
    const done = await project.run(model, claude('--pause-after=alex'));
    expect(done).toMatchObject({ code: 3 });
    expect(outcomes()).toEqual(['overloaded', 'ok']);
  });

  it.each(['headers', 'stream'] as const)(
    'times out when the model hangs at the %s, and goes on with more time',
    async (hang) => {
      let free = false;
      const model = server.session(featureScript(() => (free ? undefined : { hang })));
      const stopped = await project.run(model, claude('--yes', '--stage-timeout', '3s'));
      expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('STAGE_TIMEOUT') });
      expect(outcomes()).toEqual(['timeout', 'timeout']);
      free = true;
      const done = await project.run(model, [
        'resume',
        'greeting',
        '--stage-timeout',
        '1m',
        '--pause-after',
        'alex',
      ]);
      expect(done).toMatchObject({ code: 3 });
      expect(project.history().map((entry) => entry.reasonCode)).toEqual([
        'STAGE_TIMEOUT',
        'PAUSED_AFTER_STAGE',
      ]);
    },
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s while the model is silent it goes on later', async (signal, code) => {
    let free = false;
    const model = server.session(featureScript(() => (free ? undefined : { hang: 'stream' })));
    const going = project.start(model, claude('--pause-after=alex'));
    await model.reached(1);
    going.child.kill(signal);
    expect(await going.ended).toMatchObject({ code, stderr: expect.stringContaining('murmur8 resume') });
    expect(aliveWith(project.home)).toEqual([]);
    expect(outcomes()).toEqual(['cancelled']);
    free = true;
    expect(await project.run(model, claude('--pause-after=alex'))).toMatchObject({ code: 3 });
  });

  it('killed at once by a second Ctrl+C leaves nothing alive', async () => {
    const stubborn = `trap '' INT TERM; touch "$HOME/begun"; while :; do sleep 1; done`;
    const model = server.session(
      featureScript(({ turn }, { kind }) =>
        kind === 'nigel' && turn === 0 ? { bash: stubborn } : undefined,
      ),
    );
    const going = project.start(model, claude(...short));
    await vi.waitUntil(() => existsSync(join(project.home, 'begun')), { timeout: 40_000 });
    going.child.kill('SIGINT');
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130 });
    expect(aliveWith(project.home)).toEqual([]);
    expect(project.history()).toMatchObject([{ status: 'paused', reasonCode: 'USER_INTERRUPT' }]);
  });

  it('puts failing tests back to codey with their names, another way each time, and ends green', async () => {
    let wrong = 0;
    const model = server.session(
      featureScript((_request, { kind, mends }, usual) => {
        const step = usual();
        if (kind !== 'codey-implement' || !('write' in step) || !('path' in step.write)) return undefined;
        if (!step.write.path.endsWith('greeting.js') || wrong === 2) return undefined;
        wrong += 1;
        expect(mends).toBe(wrong === 2);
        return { write: { ...step.write, content: 'module.exports.greeting = () => "Hello, you!";\n' } };
      }),
    );
    const done = await project.run(model, claude(...short));
    expect(done).toMatchObject({ code: 0 });
    const findings = model.requests
      .filter((request) => taskOf(request.prompt)?.kind === 'codey-implement' && request.turn === 0)
      .map((request) => findingsIn(request.prompt))
      .filter((text) => text !== '');
    expect(findings).toHaveLength(2);
    for (const text of findings) expect(text).toContain('T-1');
    const strategies = project
      .journal()
      .flatMap((event) =>
        event.type === 'attempt.started' && event.stage === 'codey-implement' ? [event.strategy] : [],
      );
    expect(strategies).toEqual([undefined, undefined, 'add-context', 'incremental']);
  });

  it('ends with the names of the tests that stay red', async () => {
    const model = server.session(
      featureScript((_request, { kind }, usual) => {
        const step = usual();
        if (kind !== 'codey-implement' || !('write' in step) || !('path' in step.write)) return undefined;
        return { write: { ...step.write, content: 'module.exports = {};\n' } };
      }),
    );
    const done = await project.run(model, claude(...short));
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('TESTS_FAILED') });
    expect(done.stderr).toMatch(/T-\d/);
    expect(project.git('rev-list', '--count', 'HEAD')).toBe('1\n');
  });

  it('asks from a shell as well, and the answer reaches the same session', async () => {
    const model = server.session(
      featureScript(({ prompt, turn }, { kind }) => {
        if (kind !== 'nigel' || prompt.includes('<<<QUOTED the answer')) return undefined;
        const { content } = question(prompt, 'Which runner?');
        return turn === 0 ? { bash: `echo '${content}' > "$MURMUR8_ANSWER"` } : { text: 'I asked.' };
      }),
    );
    expect(await project.run(model, claude(...short))).toMatchObject({ code: 3 });
    expect(await project.run(model, ['answer', 'greeting', 'node'])).toMatchObject({ code: 0 });
    const told = model.requests.find((request) => request.prompt.includes('<<<QUOTED the answer'));
    expect(quoted(told?.prompt ?? '', 'the answer').trim()).toBe('node');
    expect(told?.prompts.filter((prompt) => taskOf(prompt)?.kind === 'nigel')).toHaveLength(2);
    expect(project.history().map((entry) => entry.status)).toEqual(['success']);
  });

  it('pauses for a person when a reader asks for one, and goes on when that person says so', async () => {
    const model = server.session(
      featureScript(({ prompt, turn }, { kind }) =>
        kind === 'review' && turn === 0
          ? {
              write: rating(prompt, {
                rating: 1,
                issues: ['nobody asked for this'],
                recommendation: 'pause',
              }),
            }
          : undefined,
      ),
    );
    const stopped = await project.run(model, claude('--pause-after=cass'));
    expect(stopped).toMatchObject({ code: 3, stderr: expect.stringContaining('QUALITY_GATE') });
    expect(stopped.stderr).toContain('nobody asked for this');
    const done = await project.run(model, ['resume', 'greeting']);
    expect(done).toMatchObject({ code: 3, stderr: expect.stringContaining('PAUSED_AFTER_STAGE') });
  });

  it('without a usable rating goes on, and says that there was none', async () => {
    const model = server.session(
      featureScript((_request, { kind }) => (kind === 'review' ? { text: '5 of 5, I like it.' } : undefined)),
    );
    expect(await project.run(model, claude('--pause-after=cass'))).toMatchObject({ code: 3 });
    expect(project.journal()).toContainEqual(
      expect.objectContaining({ type: 'feedback.missing', stage: 'cass', about: 'alex' }),
    );
  });
});
