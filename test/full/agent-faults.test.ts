import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { acpProject } from '../rig/acp-project.ts';
import { agentProgram } from '../rig/agents.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { featureScript, question } from '../rig/feature-script.ts';
import { type AgentProject, agentProject, implement } from '../rig/feature-script-project.ts';
import { findingsIn, quoted, taskOf } from '../rig/feature-script-prompt.ts';
import { type ModelServer, startModelServer } from '../rig/model-server.ts';
import type { ModelStep } from '../rig/model-server-step.ts';

interface Agent {
  readonly title: string;
  readonly open: (() => AgentProject) | undefined;
  /** Long enough for a start on a busy machine, in seconds. */
  readonly startSeconds: number;
}

const gemini = agentProgram('gemini');
const opencode = agentProgram('opencode');
const AGENTS: readonly Agent[] = [
  { title: 'an agent with the Agent Client Protocol', open: acpProject, startSeconds: 4 },
  {
    title: 'the real Gemini CLI',
    open: gemini === undefined ? undefined : () => agentProject('gemini', gemini),
    startSeconds: 15,
  },
  {
    title: 'the real opencode',
    open: opencode === undefined ? undefined : () => agentProject('opencode', opencode),
    startSeconds: 40,
  },
];

/** What test/e2e leaves out of these agents because it takes long. */
describe.each(AGENTS)('implement-feature with $title, in trouble', ({ open, startSeconds }) => {
  let server: ModelServer;
  let project: AgentProject;
  const patient = { timeout: 60_000 + startSeconds * 15_000 };
  const test = it.skipIf(open === undefined);

  beforeAll(async () => {
    server = await startModelServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    if (open !== undefined) project = open();
  });
  afterEach(() => {
    expect(aliveWith(project.home)).toEqual([]);
    project.remove();
  });

  const run = (...more: string[]) => implement(project, ...more);
  const short = ['--skip-stories', '--no-feedback', '--yes'];
  const ends = () => project.journal().filter((event) => event.type === 'attempt.generated');
  const outcomes = () => ends().map((event) => event.outcome);

  const FAILURES: readonly (readonly [string, ModelStep, string])[] = [
    ['knows no such key', { status: 401 }, 'DEP_AUTH'],
    ['forbids it', { status: 403 }, 'DEP_AUTH'],
    ['says when it will take requests again', { status: 429, retryAfterSeconds: 1 }, 'DEP_QUOTA'],
  ];
  it.skipIf(open === undefined).each(FAILURES)(
    'ends with its reason when the service %s',
    patient,
    async (_, step, code) => {
      const model = server.session([step]);
      const done = await project.run(model, run('--yes', '--max-attempts', '1'));
      expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining(code) });
      expect(project.history()).toMatchObject([{ status: 'failed', failedStage: 'alex', reasonCode: code }]);
    },
  );

  test('recovers from a service that is overloaded, and then hangs up', patient, async () => {
    const steps: ModelStep[] = [{ status: 503 }, { disconnect: 'headers' }];
    const model = server.session(
      featureScript((_request, { kind }) => (kind === 'alex' ? steps.shift() : undefined)),
    );
    expect(await project.run(model, run('--pause-after=alex', '--yes'))).toMatchObject({
      code: 3,
    });
    expect(steps).toEqual([]);
    expect(outcomes().at(-1)).toBe('ok');
  });

  test('does not go round in a circle with a service that answers nothing', patient, async () => {
    const model = server.session([{ malformed: 'html' }]);
    const done = await project.run(model, run('--yes', '--max-attempts', '1'));
    expect(done.code).not.toBe(0);
    expect(outcomes().every((outcome) => outcome !== 'ok')).toBe(true);
    expect(model.requests.length).toBeLessThan(60);
  });

  test(
    'reads an answer that comes slowly, and mends what the check found in the same session',
    patient,
    async () => {
      const model = server.session(
        featureScript((request, task, usual) => {
          if (task.kind !== 'alex') return undefined;
          if (request.turn === 1 && !task.mends)
            return { text: 'Word by word it is done.', slow: { pieces: 6, pauseMs: 300 } };
          const step = usual();
          if (task.mends || !('write' in step)) return undefined;
          const files = [step.write].flat();
          return {
            write: files.map((file) => ({
              ...file,
              content: file.content.replace(/^## Dependencies\n\n.*\n/m, ''),
            })),
          };
        }),
      );
      expect(await project.run(model, run('--pause-after=alex'))).toMatchObject({ code: 3 });
      expect(outcomes()).toEqual(['ok', 'ok']);
      expect(new Set(ends().map((event) => event.sessionId)).size).toBe(1);
      const mend = model.requests.find((request) => findingsIn(request.prompt) !== '');
      expect(mend?.prompts.length).toBeGreaterThan(1);
    },
  );

  test(
    'times out when the model hangs, is asked once more in its session, and later goes on',
    patient,
    async () => {
      let free = false;
      const model = server.session(featureScript(() => (free ? undefined : { hang: 'headers' })));
      const stopped = await project.run(model, run('--yes', '--stage-timeout', `${startSeconds}s`));
      expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('STAGE_TIMEOUT') });
      expect(outcomes()).toEqual(['timeout', 'timeout']);
      free = true;
      const more = ['--stage-timeout', '5m', '--pause-after', 'alex'];
      expect(await project.run(model, ['resume', 'greeting', ...more])).toMatchObject({ code: 3 });
    },
  );

  test('is ended when it was silent for too long, and asked once more', patient, async () => {
    const shipped = readFileSync(
      new URL('../../.blueprint/pipelines/implement-feature.yaml', import.meta.url),
    );
    const limits = `limits: {stall_timeout: ${startSeconds * 2}s}\n`;
    project.write('.blueprint/pipelines/implement-feature.yaml', `${shipped}\n${limits}`);
    let silent = true;
    const model = server.session(
      featureScript(({ turn }, { kind }) => {
        if (kind !== 'alex' || turn !== 1 || !silent) return undefined;
        silent = false;
        return { hang: 'headers' };
      }),
    );
    expect(await project.run(model, run('--pause-after=alex'))).toMatchObject({ code: 3 });
    expect(outcomes()).toEqual(['stalled', 'ok']);
  });

  test('asks its human, ends, and goes on in the same session with the answer', patient, async () => {
    const model = server.session(
      featureScript(({ prompt, turn }, { kind }) => {
        if (kind !== 'alex' || prompt.includes('<<<QUOTED the answer')) return undefined;
        return turn === 0 ? { write: question(prompt, 'Which language?') } : { text: 'I asked.' };
      }),
    );
    const asked = await project.run(model, run('--pause-after=alex'));
    expect(asked).toMatchObject({ code: 3, stderr: expect.stringContaining('Which language?') });
    expect(await project.run(model, ['answer', 'greeting', 'English,', 'please'])).toMatchObject({ code: 3 });
    const { prompts = [] } = model.requests.at(-1) ?? {};
    expect(prompts).toHaveLength(2);
    expect(quoted(prompts[1] ?? '', 'the answer').trim()).toBe('English, please');
  });

  test('is killed, and goes on in a new attempt', patient, async () => {
    let begun = false;
    const model = server.session(
      featureScript((_request, { kind }) => {
        if (kind !== 'alex' || begun) return undefined;
        begun = true;
        return { hang: 'headers' };
      }),
    );
    const going = project.start(model, run('--pause-after=alex'));
    await model.reached(1);
    for (const pid of project.agents()) process.kill(pid, 'SIGKILL');
    expect(await going.ended).toMatchObject({ code: 3 });
    expect(outcomes()).toEqual(['crashed', 'ok']);
  });

  it.skipIf(open === undefined).each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s while the model is silent it goes on later', patient, async (signal, code) => {
    let free = false;
    const model = server.session(featureScript(() => (free ? undefined : { hang: 'headers' })));
    const going = project.start(model, run('--pause-after=alex'));
    await model.reached(1);
    going.child.kill(signal);
    expect(await going.ended).toMatchObject({ code, stderr: expect.stringContaining('murmur8 resume') });
    expect(aliveWith(project.home)).toEqual([]);
    expect(outcomes()).toEqual(['cancelled']);
    free = true;
    expect(await project.run(model, run('--pause-after=alex'))).toMatchObject({ code: 3 });
  });

  const toolBegun = () => vi.waitUntil(() => existsSync(join(project.root, 'begun')), { timeout: 300_000 });

  test('killed at once by a second Ctrl+C leaves nothing alive', patient, async () => {
    const stubborn = `trap '' INT TERM; touch begun; while :; do sleep 1; done`;
    const model = server.session(
      featureScript(({ turn }, { kind }) =>
        kind === 'nigel' && turn === 0 ? { bash: stubborn } : undefined,
      ),
    );
    const going = project.start(model, run(...short));
    await toolBegun();
    going.child.kill('SIGINT');
    going.child.kill('SIGINT');
    expect(await going.ended).toMatchObject({ code: 130 });
    expect(aliveWith(project.home)).toEqual([]);
  });

  test('goes on after our own process was killed, once what it left running is ended', patient, async () => {
    let begun = false;
    const model = server.session(
      featureScript((request, task) => {
        if (task.kind !== 'nigel' || request.turn !== 0 || begun) return undefined;
        begun = true;
        return { bash: 'touch begun; sleep 1000' };
      }),
    );
    const going = project.start(model, run(...short));
    await toolBegun();
    going.child.kill('SIGKILL');
    await going.ended;
    expect(await project.run(model, ['resume', 'greeting'])).toMatchObject({ code: 0 });
    expect(aliveWith(project.home)).toEqual([]);
    const first = model.requests.filter(
      (request) => taskOf(request.prompt)?.kind === 'alex' && request.turn === 0,
    );
    expect(first).toHaveLength(1);
  });
});
