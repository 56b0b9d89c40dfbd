import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import { replay } from '../../../src/core/run/apply.ts';
import type { RunEvent } from '../../../src/core/run/event.ts';
import { hasEnded } from '../../../src/core/run/readiness.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { brokenRule, kept, recount, resultOf } from '../../rig/check-run.ts';
import { anyTurns, type RandomRun, randomRun, steadyTurns } from '../../rig/random-run.ts';
import { created } from '../../rig/run-builder.ts';
import { type Course, continueRun, simulate, type Turn, takeOver, UNCHECKED } from '../../rig/simulate.ts';

const anyRun = randomRun({ onFailure: ['halt', 'continue'], maxParallel: [1, 4], turns: anyTurns });
const ratedRun = randomRun({
  onFailure: ['halt', 'continue'],
  maxParallel: [1, 4],
  turns: anyTurns,
  reviews: true,
});
const framedRun = randomRun({
  onFailure: ['halt', 'continue'],
  maxParallel: [1, 3],
  frameWidth: 3,
  turns: fc.array(
    fc.constantFrom<Turn>('ok', 'ok', 'rejected', UNCHECKED, 'crashed', 'timeout', 'auth', 'question'),
    { maxLength: 5 },
  ),
});
const choices = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 });

function courseOf(run: RandomRun, numbers: readonly number[], more: Partial<Course> = {}): Course {
  let next = 0;
  return { world: run.world, choose: () => numbers[next++ % numbers.length] ?? 0, ...more };
}

function replayed(journal: readonly RunEvent[]): RunState {
  const state = replay(structuredClone([...journal]));
  if (state === undefined) throw new Error('an empty journal');
  return state;
}

function eachStatus(state: RunState): string[] {
  return [...state.stages.values()].map((stage) => stage.status);
}

describe('any run over any pipeline without cycles', () => {
  test.each([
    ['without ratings', anyRun],
    ['with ratings', ratedRun],
    ['with frames side by side', framedRun],
  ])('%s ends, with every stage in exactly one terminal status', (_name, runs) => {
    fc.assert(
      fc.property(runs, choices, (run, numbers) => {
        const { state, journal, end } = simulate(created(run.pipeline), courseOf(run, numbers));
        expect(end).toBe('ended');
        expect(['succeeded', 'failed']).toContain(state.phase);
        expect(eachStatus(state).filter((status) => !hasEnded(status as never))).toEqual([]);
        expect(brokenRule(journal)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('counts, ready stages and open needs are at every moment what a recount finds', () => {
    fc.assert(
      fc.property(fc.oneof(ratedRun, framedRun), choices, (run, numbers) => {
        simulate(
          created(run.pipeline),
          courseOf(run, numbers, {
            onStep(state) {
              expect(kept(state)).toEqual(recount(state));
              expect(Object.values(state.metrics).every((value) => value >= 0)).toBe(true);
            },
          }),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('the state kept while running is the state replayed from the journal, and decides alike', () => {
    fc.assert(
      fc.property(fc.oneof(ratedRun, framedRun), choices, (run, numbers) => {
        simulate(
          created(run.pipeline),
          courseOf(run, numbers, {
            onStep(state, journal) {
              const again = replayed(journal);
              expect(again).toEqual(state);
              expect([...again.ready]).toEqual([...state.ready]);
              expect([...again.active]).toEqual([...state.active]);
              const now = Date.parse(state.at) + 500;
              expect(decide(again, now)).toEqual(decide(state, now));
            },
          }),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('the same outcomes in the same order give the same journal', () => {
    fc.assert(
      fc.property(anyRun, choices, (run, numbers) => {
        const first = simulate(created(run.pipeline), courseOf(run, numbers));
        const second = simulate(created(run.pipeline), courseOf(run, numbers));
        expect(second.journal).toEqual(first.journal);
      }),
      { numRuns: 50 },
    );
  });

  test('no more stages are at work than may be at the same time', () => {
    fc.assert(
      fc.property(anyRun, choices, (run, numbers) => {
        simulate(
          created(run.pipeline),
          courseOf(run, numbers, {
            onStep(state) {
              expect(state.active.size).toBeLessThanOrEqual(run.pipeline.maxParallel);
            },
          }),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a run whose owner dies', () => {
  const lenient = randomRun({ onFailure: ['continue'], maxParallel: [1, 4], turns: steadyTurns });
  const strict = randomRun({ onFailure: ['halt', 'continue'], maxParallel: [1, 1], turns: steadyTurns });

  test.each([
    ['several stages at a time', lenient],
    ['one stage at a time', strict],
  ])('after any event of it comes to the same result, %s', (_name, runs) => {
    fc.assert(
      fc.property(runs, choices, fc.nat(), (run, numbers, cut) => {
        const whole = simulate(created(run.pipeline), courseOf(run, numbers));
        const prefix = whole.journal.slice(0, 2 + (cut % (whole.journal.length - 1)));
        const after = takeOver(prefix, courseOf(run, numbers));
        expect(resultOf(after.state)).toEqual(resultOf(whole.state));
        expect(brokenRule(after.journal)).toBeUndefined();
        expect(kept(after.state)).toEqual(recount(after.state));
      }),
      { numRuns: 300 },
    );
  });

  test('leaves attempts that are never given the same number again', () => {
    fc.assert(
      fc.property(lenient, choices, fc.nat({ max: 40 }), (run, numbers, at) => {
        const crashed = simulate(
          created(run.pipeline),
          courseOf(run, numbers, { interfere: (_state, step) => (step === at ? 'crash' : undefined) }),
        );
        const { journal } = takeOver(crashed.journal, courseOf(run, numbers));
        const names = journal.flatMap((event) =>
          event.type === 'attempt.started' ? [`${event.stage}/${event.frame}/${event.attempt}`] : [],
        );
        expect(new Set(names).size).toBe(names.length);
        expect(brokenRule(journal)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});

describe('a run that is interrupted', () => {
  const lenient = randomRun({ onFailure: ['continue'], maxParallel: [1, 4], turns: steadyTurns });

  test('pauses at any moment, and continued comes to the same result', () => {
    fc.assert(
      fc.property(lenient, choices, fc.nat({ max: 60 }), (run, numbers, at) => {
        const course = courseOf(run, numbers);
        const whole = simulate(created(run.pipeline), course);
        const stopped = simulate(
          created(run.pipeline),
          courseOf(run, numbers, { interfere: (_state, step) => (step === at ? 'stop' : undefined) }),
        );
        if (whole.steps <= at) {
          expect(resultOf(stopped.state)).toEqual(resultOf(whole.state));
          return;
        }
        expect([stopped.state.phase, stopped.state.code]).toEqual(['paused', 'USER_INTERRUPT']);
        const after = continueRun(stopped.journal, course);
        // Continuing tries again what had failed, with the same outcome here.
        expect(resultOf(after.state)).toEqual(resultOf(whole.state));
        expect(brokenRule(after.journal)).toBeUndefined();
        expect(kept(after.state)).toEqual(recount(after.state));
      }),
      { numRuns: 300 },
    );
  });

  test('an interrupted run that failed is whole again once it is continued with better outcomes', () => {
    const strict = randomRun({ onFailure: ['halt', 'continue'], maxParallel: [1, 4], turns: anyTurns });
    fc.assert(
      fc.property(strict, choices, (run, numbers) => {
        const first = simulate(created(run.pipeline), courseOf(run, numbers));
        if (first.state.phase !== 'failed') return;
        const better: RandomRun = { ...run, world: { ...run.world, turn: () => 'ok' } };
        const after = continueRun(first.journal, courseOf(better, numbers));
        expect(after.state.phase).toBe('succeeded');
        expect([...new Set(eachStatus(after.state))]).toEqual(['succeeded']);
        expect(kept(after.state)).toEqual(recount(after.state));
        expect(after.state.metrics.approved).toBe(after.state.metrics.totalFrames);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a run with limits', () => {
  test('stops at the circuit breaker with what was reached, and continues once the limit is raised', () => {
    fc.assert(
      fc.property(anyRun, choices, fc.integer({ min: 1, max: 6 }), (run, numbers, most) => {
        const begun = created(run.pipeline);
        const limited = { ...begun, settings: { ...begun.settings, limits: { maxAttempts: most } } };
        const { state, journal } = simulate(limited, courseOf(run, numbers));
        expect(state.metrics.attempts).toBeLessThanOrEqual(most);
        if (state.phase !== 'paused') return;
        expect(state.code).toBe('CIRCUIT_BREAKER');
        expect(state.stop).toEqual({ code: 'CIRCUIT_BREAKER', threshold: most, actual: most });
        const after = continueRun(journal, courseOf(run, numbers), {
          ...begun.settings,
          limits: { maxAttempts: 10_000 },
        });
        expect(['succeeded', 'failed']).toContain(after.state.phase);
        expect(brokenRule(after.journal)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('a limit that is not raised stops the continued run again at once, without an attempt', () => {
    fc.assert(
      fc.property(anyRun, choices, (run, numbers) => {
        const begun = created(run.pipeline);
        const limited = { ...begun, settings: { ...begun.settings, limits: { maxAttempts: 1 } } };
        const first = simulate(limited, courseOf(run, numbers));
        if (first.state.phase !== 'paused') return;
        const again = continueRun(first.journal, courseOf(run, numbers));
        expect(again.state.code).toBe('CIRCUIT_BREAKER');
        expect(again.state.metrics.attempts).toBe(1);
      }),
      { numRuns: 50 },
    );
  });
});
