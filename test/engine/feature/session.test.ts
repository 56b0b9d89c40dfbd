import { describe, expect, test } from 'vitest';
import { costConfigSchema } from '../../../src/core/config/cost-config.ts';
import { fail } from '../../../src/core/result.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import { createFeatureWork } from '../../../src/engine/feature/feature-work.ts';
import { aState, aWorld, type FakeWorld, FEATURE_ID } from './feature-world.ts';

const work = { kind: 'attempt', stage: 'alex', frame: 0, attempt: 1, findings: [] } as const;
const begun = (): RunEventBody[] => [
  { type: 'stage.started', stage: 'alex', frames: [{ title: 'alex' }] },
  { type: 'attempt.started', stage: 'alex', frame: 0, attempt: 1, agent: 'alex', runner: 'fake' },
];

function attempt(world: FakeWorld, state = aState(begun())) {
  return createFeatureWork(world).perform(work, state, new AbortController().signal, () => {});
}

describe('an attempt', () => {
  test('tells the agent what the job is, whose limits count and where to leave its answer', async () => {
    const world = aWorld();
    const settings = { model: 'small', stageTimeoutMs: 5_000, limits: { maxCostMicroUsd: 2_000_000 } };
    await attempt(world, aState(begun(), { settings }));
    expect(world.orders).toMatchObject([
      {
        agent: 'alex',
        model: 'small',
        timeoutMs: 5_000,
        maxCostMicroUsd: 2_000_000,
        cwd: '/project',
        answerFile: '/answers/alex/0-1',
        job: { kind: 'work', stage: 'alex', slug: 'greeting', featureId: FEATURE_ID, findings: [] },
      },
    ]);
  });

  test('is recorded with its checkpoint, how it ended, and a cost by the configured price where none was reported', async () => {
    const models = { small: { input: 1, output: 10 } };
    const world = aWorld({ costs: costConfigSchema.parse({ models }) });
    world.agent = () => ({ outcome: 'ok', model: 'small', usage: { input: 1_000_000, output: 100_000 } });
    const done = await attempt(world);
    if (!done.ok) throw new Error(done.error.message);
    expect(done.value.map((event) => event.type)).toEqual(['checkpoint.made', 'attempt.generated']);
    expect(done.value[1]).toMatchObject({ outcome: 'ok', usage: { costMicroUsd: 2_000_000 } });
  });

  test('a cost that the agent reports is taken as it is', async () => {
    const world = aWorld();
    world.agent = () => ({ outcome: 'ok', model: 'x', usage: { input: 1, output: 1, costMicroUsd: 7 } });
    const done = await attempt(world);
    expect(done.ok && done.value[1]).toMatchObject({ usage: { costMicroUsd: 7 } });
  });

  test('a question in its typed answer is recorded; one beside a failed session is not', async () => {
    const world = aWorld();
    world.answer = { question: { text: 'which one?' } };
    const asked = await attempt(world);
    expect(asked.ok && asked.value.at(-1)).toMatchObject({ question: 'which one?' });
    world.agent = () => ({ outcome: 'crashed', message: 'exit code 1' });
    const crashed = await attempt(world);
    expect(crashed.ok && crashed.value.at(-1)).not.toHaveProperty('question');
  });
});

describe('work that the world refuses', () => {
  test('an error of the disk becomes a problem that names the place', async () => {
    const world = aWorld({
      places: () => {
        throw Object.assign(new Error("ENOSPC: no space left on device, mkdir '/state/logs'"), {
          code: 'ENOSPC',
          syscall: 'mkdir',
          path: '/state/logs',
        });
      },
    });
    expect(await attempt(world)).toMatchObject({
      ok: false,
      error: { code: 'SYS_WRITE_ERROR', file: '/state/logs', message: expect.stringContaining('ENOSPC') },
    });
  });

  test('an error of this program stays an error', async () => {
    const world = aWorld({
      places: () => {
        throw new TypeError('a bug');
      },
    });
    await expect(attempt(world)).rejects.toThrow('a bug');
  });

  test('what git refuses is told as a failure of git', async () => {
    const world = aWorld();
    const refusing = async () => fail({ code: 'git-failed', message: 'git add: no' });
    const broken = { ...world, repository: { ...world.repository, checkpoint: refusing } };
    expect(await attempt(broken)).toMatchObject({ ok: false, error: { code: 'DEP_GIT_FAIL' } });
  });
});
