import { describe, expect, test } from 'vitest';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import { createPipelineWork } from '../../../src/engine/pipeline/pipeline-work.ts';
import type { CommandOutcome } from '../../../src/engine/ports.ts';
import { started } from '../../rig/run-builder.ts';
import { aCommand, aRun, attempt, aWorld, SECRET, underWay } from './pipeline-world.ts';

describe('what a command is told of its attempt', () => {
  const stage = aCommand('./deploy.sh', {
    retry: {
      delayMs: 0,
      factor: 1,
      maxDelayMs: 0,
      jitter: 0,
      strategies: [{ name: 'IDENTITY_RESCUE', task: 'Keep ${face}' }],
    },
  });

  test('is its frame, its number, its strategy and what was wrong, one per line', async () => {
    const world = aWorld();
    const state = aRun([aCommand('true', { ...stage, foreach: ['a', 'b', 'c'] })], [started('deploy', 3)]);
    await attempt(world, state, {
      frame: 2,
      attempt: 3,
      strategy: 'IDENTITY_RESCUE',
      findings: ['the\npalette has drifted', '', 'a \u0000\u001b[31mred\u001b[0m $(reboot)'],
    });
    expect(world.orders[0]?.env).toMatchObject({
      MURMUR8_FRAME: '2',
      MURMUR8_ATTEMPT_NUMBER: '3',
      MURMUR8_STRATEGY: 'IDENTITY_RESCUE',
      MURMUR8_FINDINGS: 'the palette has drifted\na red $(reboot)',
    });
  });

  test('holds no strategy and no findings where there are none', async () => {
    const world = aWorld();
    await attempt(world, underWay([stage]), { findings: ['\n'] });
    expect(world.orders[0]?.env).not.toHaveProperty('MURMUR8_STRATEGY');
    expect(world.orders[0]?.env).not.toHaveProperty('MURMUR8_FINDINGS');
  });

  test('fits into an environment, however much was wrong', async () => {
    const world = aWorld();
    await attempt(world, underWay([stage]), {
      findings: Array.from({ length: 500 }, () => 'ö'.repeat(1_000)),
    });
    const findings = world.orders[0]?.env['MURMUR8_FINDINGS'] ?? '';
    expect(findings.length).toBeGreaterThan(20_000);
    expect(new TextEncoder().encode(findings).length).toBeLessThan(127 * 1024);
  });

  test('is recorded with the beginning of the attempt', () => {
    const work = { kind: 'attempt', stage: 'deploy', frame: 0, attempt: 2, findings: [] } as const;
    expect(
      createPipelineWork(aWorld()).started(
        { ...work, strategy: 'IDENTITY_RESCUE', strategyReason: 'it drifted' },
        aRun([stage], [started('deploy')]),
      ),
    ).toEqual({
      type: 'attempt.started',
      stage: 'deploy',
      frame: 0,
      attempt: 2,
      agent: 'command',
      runner: 'command',
      strategy: 'IDENTITY_RESCUE',
      strategyReason: 'it drifted',
    });
  });
});

describe('a command that says itself why it failed', () => {
  async function failing(
    answer: unknown,
    outcome: Partial<CommandOutcome> = { outcome: 'failed', exitCode: 3 },
  ) {
    const world = aWorld();
    world.answer = answer;
    world.command = () => outcome;
    return attempt(world, underWay([aCommand('true')]));
  }
  const told = (code?: unknown) => ({
    failure: { text: `no ${SECRET}`, ...(code === undefined ? {} : { code }) },
  });

  test.each([
    ['DEP_API_UNAVAILABLE', 'unavailable'],
    ['DEP_AUTH', 'auth'],
    ['DEP_QUOTA', 'quota'],
    ['DEP_TEXTUREPACKER_FAIL', 'failed'],
  ])('has failed with %s, also if it ended with exit code 0', async (code, outcome) => {
    for (const exitCode of [3, 0]) {
      const events = await failing(told(code), { outcome: exitCode === 0 ? 'ok' : 'failed', exitCode });
      expect(events).toMatchObject([
        { type: 'attempt.generated', outcome, code, message: 'no ***', exitCode },
      ]);
    }
  });

  test('may give no code', async () => {
    const events = await failing(told());
    expect(events).toMatchObject([{ outcome: 'failed', message: 'no ***' }]);
    expect(events[0]).not.toHaveProperty('code');
    expect(await failing({ failure: { text: ' ' } })).toMatchObject([{ message: 'no reason was given' }]);
  });

  test.each([
    'SYS_STATE_CORRUPT',
    'ALL_FRAMES_APPROVED',
    'DEP_FAIL',
    'dep_auth',
    7,
    null,
    ['DEP_AUTH'],
    'x'.repeat(9e4),
  ])('cannot bring in a code that is not for it: %j', async (code) => {
    const [event] = await failing(told(code));
    expect(event).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/^no \*\*\* \(its code .* is none of/),
    });
    expect(event).not.toHaveProperty('code');
    expect(JSON.stringify(event).length).toBeLessThan(1_000);
  });

  test.each([[{ failure: 'no' }], [{ failed: true }], ['failure'], [[]], [{ question: { text: 'why?' } }]])(
    'has not said so with %j',
    async (answer) => {
      expect(await failing(answer)).toMatchObject([{ outcome: 'failed', message: 'exit code 3' }]);
      expect(await failing(answer, {})).toMatchObject([{ outcome: 'ok' }, { verdict: 'approved' }]);
    },
  );

  test.each(['timeout', 'stalled', 'cancelled', 'output-limit', 'spawn-error'] as const)(
    'is not asked after it ended by %s',
    async (outcome) => {
      expect(await failing(told('DEP_AUTH'), { outcome })).toMatchObject([{ outcome }]);
    },
  );
});

describe('the longest silence of a command', () => {
  test('is what the stage says, else the run, else the pipeline, else any', async () => {
    const ofStage = aCommand('true', { limits: { stallTimeoutMs: 1_000 } });
    const limitOf = async (stage: Stage, ofRun?: number, ofPipeline?: number) => {
      const world = aWorld();
      const state = underWay([stage]);
      const { settings, pipeline } = state;
      await attempt(world, {
        ...state,
        settings: { ...settings, limits: ofRun === undefined ? {} : { stallTimeoutMs: ofRun } },
        pipeline: { ...pipeline, limits: ofPipeline === undefined ? {} : { stallTimeoutMs: ofPipeline } },
      });
      return world.orders[0]?.stallTimeoutMs;
    };
    expect(await limitOf(ofStage, undefined, 3_000)).toBe(1_000);
    expect(await limitOf(aCommand('true'), 2_000, 3_000)).toBe(2_000);
    expect(await limitOf(aCommand('true'), undefined, 3_000)).toBe(3_000);
    expect(await limitOf(aCommand('true'))).toBeUndefined();
  });

  test('is recorded where it was too long', async () => {
    const world = aWorld();
    world.command = () => ({
      outcome: 'stalled',
      message: 'silent for longer than 1000 ms',
      silentMs: 1_042,
    });
    expect(await attempt(world, underWay([aCommand('true')]))).toMatchObject([
      { type: 'attempt.generated', outcome: 'stalled', silentMs: 1_042 },
    ]);
  });
});
