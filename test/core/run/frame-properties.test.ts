import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/run/event.ts';
import type { RunState, StageState } from '../../../src/core/run/state.ts';
import { calculateRunStatus } from '../../../src/core/status/run-status.ts';
import { brokenRule, kept, recount, resultOf } from '../../rig/check-run.ts';
import { type RandomRun, randomRun, steadyTurns } from '../../rig/random-run.ts';
import { created } from '../../rig/run-builder.ts';
import { type Course, continueRun, simulate, type Turn, takeOver, UNCHECKED } from '../../rig/simulate.ts';

const anyTurns = fc.array(
  fc.constantFrom<Turn>('ok', 'ok', 'ok', 'rejected', UNCHECKED, 'crashed', 'timeout', 'auth'),
  { maxLength: 5 },
);
const anyRun = randomRun({
  onFailure: ['halt', 'continue'],
  maxParallel: [1, 3],
  frameWidth: 4,
  turns: anyTurns,
});
const choices = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 });

function courseOf(run: RandomRun, numbers: readonly number[], more: Partial<Course> = {}): Course {
  let next = 0;
  return { world: run.world, choose: () => numbers[next++ % numbers.length] ?? 0, ...more };
}

function widthOf(state: RunState, { name }: StageState): number {
  return state.definitions.get(name)?.maxParallel ?? 1;
}

function inPhase({ frames }: StageState, ...phases: readonly string[]): number {
  return frames.filter(({ phase }) => phases.includes(phase)).length;
}

describe('frames of a stage', () => {
  test('are never more at a time than the stage allows, and work side by side where it does', () => {
    let widest = 0;
    fc.assert(
      fc.property(anyRun, choices, (run, numbers) => {
        simulate(
          created(run.pipeline),
          courseOf(run, numbers, {
            onStep(state) {
              for (const stage of state.stages.values()) {
                expect(stage.open.size).toBeLessThanOrEqual(widthOf(state, stage));
                widest = Math.max(widest, inPhase(stage, 'generating'));
              }
            },
          }),
        );
      }),
      { numRuns: 150 },
    );
    expect(widest).toBeGreaterThan(1);
  });

  test('all end where one that fails is left behind, and the stage succeeds if any was approved', () => {
    fc.assert(
      fc.property(anyRun, choices, (run, numbers) => {
        const { state } = simulate(created(run.pipeline), courseOf(run, numbers));
        for (const stage of state.stages.values()) {
          const { onFailure, foreach } = state.definitions.get(stage.name) ?? {};
          if (onFailure !== 'continue' || foreach === undefined || stage.frames.length === 0) continue;
          const approved = inPhase(stage, 'approved');
          expect(approved + inPhase(stage, 'failed', 'rejected')).toBe(stage.frames.length);
          expect(stage.status).toBe(approved > 0 ? 'succeeded' : 'failed');
          expect(stage.code === 'PARTIAL_SUCCESS').toBe(approved > 0 && approved < stage.frames.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('begin nothing more after one that failed where failing halts', () => {
    fc.assert(
      fc.property(anyRun, choices, (run, numbers) => {
        const { state, journal } = simulate(created(run.pipeline), courseOf(run, numbers));
        const failed = new Set<string>();
        for (const event of journal) {
          if (event.type === 'frame.failed') failed.add(event.stage);
          if (event.type !== 'attempt.started' || !failed.has(event.stage)) continue;
          expect(state.definitions.get(event.stage)?.onFailure).toBe('continue');
        }
      }),
      { numRuns: 150 },
    );
  });

  test('have no more attempts than their retries where an audit decides, whatever made them fail', () => {
    fc.assert(
      fc.property(anyRun, choices, (run, numbers) => {
        const { state } = simulate(created(run.pipeline), courseOf(run, numbers));
        for (const stage of state.stages.values()) {
          const definition = state.definitions.get(stage.name);
          if (definition?.audit === undefined) continue;
          for (const { attempts } of stage.frames)
            expect(attempts.length).toBeLessThanOrEqual(1 + definition.retries);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('are not worked on again because their check could not be made', () => {
    const unchecked = randomRun({
      onFailure: ['halt'],
      maxParallel: [1, 3],
      frameWidth: 4,
      turns: fc.constant([UNCHECKED]),
    });
    fc.assert(
      fc.property(unchecked, choices, (run, numbers) => {
        const { state } = simulate(created(run.pipeline), courseOf(run, numbers));
        expect(state.phase).toBe('succeeded');
        expect(state.metrics.attempts).toBe(state.metrics.totalFrames);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a run with frames side by side whose owner dies', () => {
  const steady = randomRun({
    onFailure: ['continue'],
    maxParallel: [1, 4],
    frameWidth: 4,
    turns: steadyTurns,
  });

  test('after any event of it comes to the same result', () => {
    fc.assert(
      fc.property(steady, choices, fc.nat(), (run, numbers, cut) => {
        const whole = simulate(created(run.pipeline), courseOf(run, numbers));
        const prefix = whole.journal.slice(0, 2 + (cut % (whole.journal.length - 1)));
        const after = takeOver(prefix, courseOf(run, numbers));
        expect(resultOf(after.state)).toEqual(resultOf(whole.state));
        expect(kept(after.state)).toEqual(recount(after.state));
      }),
      { numRuns: 200 },
    );
  });

  test('or that is interrupted at any moment comes to the same result', () => {
    fc.assert(
      fc.property(steady, choices, fc.nat({ max: 60 }), (run, numbers, at) => {
        const course = courseOf(run, numbers);
        const whole = simulate(created(run.pipeline), course);
        const stopped = simulate(
          created(run.pipeline),
          courseOf(run, numbers, { interfere: (_state, step) => (step === at ? 'stop' : undefined) }),
        );
        const after = stopped.state.phase === 'paused' ? continueRun(stopped.journal, course) : stopped;
        expect(resultOf(after.state)).toEqual(resultOf(whole.state));
        expect(kept(after.state)).toEqual(recount(after.state));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a stop condition', () => {
  const combined = fc.record(
    {
      retryRate: fc.constantFrom(0, 0.2, 0.5),
      rejectRate: fc.constantFrom(0, 0.2, 0.5),
      afterFrames: fc.integer({ min: 1, max: 4 }),
      consecutiveFails: fc.integer({ min: 1, max: 3 }),
      maxAttempts: fc.integer({ min: 1, max: 12 }),
      maxDurationMs: fc.integer({ min: 1000, max: 60_000 }),
    },
    { requiredKeys: [] },
  );
  const limits = fc.oneof(
    combined,
    fc.constantFrom<typeof combined extends fc.Arbitrary<infer T> ? T : never>(
      { rejectRate: 0, afterFrames: 1 },
      { retryRate: 0, afterFrames: 1 },
      { consecutiveFails: 2 },
      { maxAttempts: 4 },
      { maxDurationMs: 20_000 },
    ),
  );
  const perStage = fc.boolean();
  const failingRun = randomRun({
    onFailure: ['continue'],
    maxParallel: [1, 3],
    frameWidth: 4,
    turns: fc.oneof(
      anyTurns,
      fc.constantFrom<readonly Turn[]>(['rejected', 'rejected', 'rejected'], ['auth']),
    ),
  });

  test('of a run or a stage stops it with what was reached; without the limit it goes on, and no approved frame is made again', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.oneof(anyRun, failingRun),
        limits,
        perStage,
        choices,
        (run, chosen, onStages, numbers) => {
          const begun = created(withLimits(run, onStages ? chosen : {}).pipeline);
          const limited = onStages ? begun : { ...begun, settings: { ...begun.settings, limits: chosen } };
          const { state, journal, end } = simulate(limited, courseOf(run, numbers));
          expect(end).toBe('ended');
          if (state.phase !== 'paused' || state.stop === undefined) return;
          seen.add(state.code);
          expect(state.stop.actual).toBeGreaterThanOrEqual(state.stop.threshold);
          expect(state.stop.threshold).toBe(
            {
              RETRY_RATE_EXCEEDED: chosen.retryRate,
              REJECT_RATE_EXCEEDED: chosen.rejectRate,
              CONSECUTIVE_FAILS: chosen.consecutiveFails,
              CIRCUIT_BREAKER: chosen.maxAttempts,
              BUDGET_EXCEEDED: chosen.maxDurationMs,
            }[state.code],
          );
          expect(calculateRunStatus(state).details).toMatchObject({
            stop_condition: state.code,
            threshold: state.stop.threshold,
            actual_value: state.stop.actual,
          });
          const approved = approvedIn(state);
          const after = continueRun(journal, courseOf(run, numbers), {
            ...begun.settings,
            limits: UNLIMITED,
          });
          expect(['succeeded', 'failed']).toContain(after.state.phase);
          const again = after.journal.slice(journal.length).flatMap(attemptStarted);
          expect(again.filter((frame) => approved.has(frame))).toEqual([]);
          expect(kept(after.state)).toEqual(recount(after.state));
          expect(brokenRule(after.journal)).toBeUndefined();
        },
      ),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual([
      'BUDGET_EXCEEDED',
      'CIRCUIT_BREAKER',
      'CONSECUTIVE_FAILS',
      'REJECT_RATE_EXCEEDED',
      'RETRY_RATE_EXCEEDED',
    ]);
  });

  /** Every condition, so high that it is never reached: it overrules those of the stages, too. */
  const UNLIMITED = {
    retryRate: 1,
    rejectRate: 1,
    afterFrames: 1,
    consecutiveFails: 10_000,
    maxAttempts: 10_000,
    maxDurationMs: 10 ** 12,
  };

  function withLimits(run: RandomRun, chosen: object): RandomRun {
    const stages = run.pipeline.stages.map((stage) => ({ ...stage, limits: chosen }));
    return { ...run, pipeline: { ...run.pipeline, stages } };
  }
});

function approvedIn(state: RunState): ReadonlySet<string> {
  const approved = new Set<string>();
  for (const stage of state.stages.values())
    for (const frame of stage.frames)
      if (frame.phase === 'approved') approved.add(`${stage.name}/${frame.index}`);
  return approved;
}

function attemptStarted(event: RunEvent): string[] {
  return event.type === 'attempt.started' ? [`${event.stage}/${event.frame}`] : [];
}
