import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import type { RunEventBody, RunSettings } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { takeOverEvents } from '../../../src/engine/take-over.ts';
import {
  aPipeline,
  aStage,
  begun,
  created,
  generated,
  happens,
  rejected,
  settings,
  started,
  stateAfter,
} from '../../rig/run-builder.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const RUNNERS = ['claude', 'codex'];

/** A run of one stage that has begun. */
function aRun(stage: Partial<Stage> = {}, different: Partial<RunSettings> = {}): RunState {
  const pipeline = aPipeline([aStage('build', { retries: 0, repairs: 2, ...stage })]);
  return stateAfter(created(pipeline, { settings: settings(different) }), started('build'));
}

interface Ending extends Partial<Extract<RunEventBody, { type: 'attempt.generated' }>> {
  readonly runner?: string;
  readonly runners?: string[];
}

/** One more attempt that ended as given. */
function ends(
  state: RunState,
  outcome: string,
  { runner = 'claude', runners, ...more }: Ending = {},
): RunState {
  const attempt = (state.stages.get('build')?.frames[0]?.attempts.length ?? 0) + 1;
  const start = begun('build', { attempt });
  if (start.type !== 'attempt.started') throw new Error('an attempt begins');
  const who = { runner, ...(runners === undefined ? {} : { runners }) };
  return happens(state, { ...start, ...who }, generated('build', { attempt, outcome, ...more }));
}

function now(state: RunState): number {
  return Date.parse(state.at);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Records what is decided until nothing more follows from it, and answers with what is decided then. */
function settled(state: RunState, at = now(state)) {
  for (let nth = 0; nth < 5; nth += 1) {
    const decisions = decide(state, at);
    const record = decisions.find((decision) => decision.do === 'record');
    if (record === undefined) return decisions;
    happens(state, record.event);
    if (state.phase !== 'running') return decisions;
  }
  throw new Error('it never settles');
}

describe('an agent that has no quota', () => {
  test('is waited for until its service said, in its session, and everybody sees it', () => {
    const state = ends(aRun(), 'quota', {
      sessionId: 's1',
      message: 'used up',
      retryAt: '2026-01-05T09:20:00.000Z',
    });
    const [record] = decide(state, now(state));
    expect(record).toEqual({
      do: 'record',
      event: {
        type: 'attempt.waiting',
        stage: 'build',
        frame: 0,
        runner: 'claude',
        outcome: 'quota',
        until: '2026-01-05T09:20:00.000Z',
        message: 'used up',
      },
    });
    const until = Date.parse('2026-01-05T09:20:00.000Z');
    expect(settled(state)).toEqual([{ do: 'wait', until }]);
    expect([state.phase, state.code]).toEqual(['running', 'QUOTA_WAIT']);
    expect(decide(state, until - 1)).toEqual([{ do: 'wait', until }]);
    expect(decide(state, until)).toMatchObject([{ work: { kind: 'attempt', attempt: 2, sessionId: 's1' } }]);
    happens(state, begun('build', { attempt: 2 }));
    expect(state.code).toBe('GENERATING');
  });

  test('is asked again after pauses where it tells no time, and that counts as no failure', () => {
    const state = aRun({ limits: { quotaWaitMs: 24 * HOUR } });
    for (let nth = 0; nth < 12; nth += 1) ends(state, 'quota');
    const due = now(state) + 600 * SECOND;
    expect(settled(state)).toEqual([{ do: 'wait', until: due }]);
    expect(state.metrics).toMatchObject({ consecutiveFails: 0, attempts: 12, retriedFrames: 0 });
    ends(state, 'crashed');
    expect(decide(state, now(state))).toMatchObject([{ event: { code: 'AGENT_CRASHED' } }]);
  });

  test('leaves a stage its retries', () => {
    const state = ends(aRun({ retries: 1 }), 'quota');
    ends(state, 'crashed', { sessionId: 's1' });
    expect(decide(state, now(state))).toMatchObject([{ work: { attempt: 3, sessionId: 's1' } }]);
    expect(state.metrics.retriedFrames).toBe(0);
    ends(state, 'overloaded');
    ends(state, 'crashed');
    expect(state.metrics.retriedFrames).toBe(1);
    expect(decide(state, now(state))).toMatchObject([{ event: { status: 'failed', code: 'AGENT_CRASHED' } }]);
  });

  test('goes on with strategy, findings and answer of the attempt that it could not make', () => {
    const retry = {
      delayMs: 1,
      factor: 1,
      maxDelayMs: 1,
      jitter: 0,
      strategies: [{ name: 'WIDER' }, { name: 'RESCUE' }],
    };
    const state = aRun({ retry });
    happens(state, begun('build'), generated('build'), rejected('build', { findings: ['too narrow'] }));
    const second = begun('build', { attempt: 2 });
    if (second.type !== 'attempt.started') throw new Error('an attempt begins');
    happens(state, { ...second, strategy: 'WIDER' }, generated('build', { attempt: 2, outcome: 'quota' }));
    expect(settled(state, now(state) + HOUR / 2)).toMatchObject([
      { work: { attempt: 3, strategy: 'WIDER', findings: ['too narrow'] } },
    ]);
    happens(state, { ...second, attempt: 3, strategy: 'WIDER' }, generated('build', { attempt: 3 }));
    happens(state, rejected('build', { attempt: 3 }));
    expect(decide(state, now(state))).toMatchObject([{ work: { attempt: 4, strategy: 'RESCUE' } }]);
  });

  test('that is a command is not waited for', () => {
    const state = ends(aRun({ work: { kind: 'command', run: 'x' } }), 'quota', { runner: 'command' });
    expect(decide(state, now(state))).toMatchObject([{ event: { status: 'failed', code: 'DEP_QUOTA' } }]);
  });
});

describe('the longest wait', () => {
  const late = { message: 'used up', retryAt: '2026-01-05T12:00:00.000Z' };

  test('is an hour, and what comes later fails at once with the time and the next step', () => {
    const state = ends(aRun(), 'quota', late);
    expect(decide(state, now(state))).toMatchObject([
      {
        event: {
          status: 'failed',
          code: 'DEP_QUOTA',
          message:
            'used up; claude answers again at 2026-01-05T12:00:00.000Z, quota_wait is 1h: resume the run then, or with --limit quota_wait=<longer>',
        },
      },
    ]);
  });

  test.each([
    ['the run', {}, { limits: { quotaWaitMs: 4 * HOUR } }],
    ['the stage', { limits: { quotaWaitMs: 4 * HOUR } }, {}],
  ])('is what %s says', (_, stage, different) => {
    const state = ends(aRun(stage, different), 'quota', late);
    expect(settled(state)).toEqual([{ do: 'wait', until: Date.parse(late.retryAt) }]);
  });

  test('of nothing fails at once, also where no time was told', () => {
    const state = ends(aRun({}, { limits: { quotaWaitMs: 0 } }), 'overloaded', { message: 'busy' });
    expect(decide(state, now(state))).toMatchObject([
      {
        event: {
          code: 'DEP_API_UNAVAILABLE',
          message: 'busy; quota_wait is 0s: resume the run later, or with --limit quota_wait=<longer>',
        },
      },
    ]);
  });

  test('of nothing fails at once even where the service can be asked again at once', () => {
    const state = ends(aRun({}, { limits: { quotaWaitMs: 0 } }), 'quota', {
      retryAt: '2026-01-05T09:00:00.000Z',
    });
    expect(decide(state, now(state))).toMatchObject([{ event: { status: 'failed', code: 'DEP_QUOTA' } }]);
  });

  test('counts from the first failure of the row, not from the last', () => {
    const state = aRun({}, { limits: { quotaWaitMs: 100 * SECOND } });
    ends(state, 'quota');
    const first = now(state);
    ends(state, 'quota', { retryAt: iso(first + 100 * SECOND) });
    expect(settled(state)).toEqual([{ do: 'wait', until: first + 100 * SECOND }]);
    ends(state, 'quota', { retryAt: iso(first + 100 * SECOND + 1) });
    expect(decide(state, now(state))).toMatchObject([{ event: { code: 'DEP_QUOTA' } }]);
  });

  test('begins anew once something else happened in between', () => {
    const state = aRun({ retries: 3 }, { limits: { quotaWaitMs: 60 * SECOND } });
    ends(state, 'quota');
    ends(state, 'quota');
    expect(decide(state, now(state))).toMatchObject([{ event: { code: 'DEP_QUOTA' } }]);
    ends(state, 'crashed');
    ends(state, 'quota');
    expect(settled(state)).toEqual([{ do: 'wait', until: now(state) - SECOND + 30 * SECOND }]);
  });

  test('gives way to the longest duration of the run, which ends the wait', () => {
    const state = ends(aRun({}, { limits: { maxDurationMs: 60 * SECOND } }), 'quota', {
      retryAt: '2026-01-05T09:20:00.000Z',
    });
    const deadline = Date.parse(state.segmentStartedAt) + 60 * SECOND;
    expect(settled(state)).toEqual([{ do: 'wait', until: deadline }]);
    expect(decide(state, deadline)).toMatchObject([
      { event: { type: 'run.stopped', code: 'BUDGET_EXCEEDED' } },
    ]);
  });

  test('is none for an account that has to be paid', () => {
    const state = ends(aRun(), 'billing', { message: 'no credit', retryAt: '2026-01-05T09:01:00.000Z' });
    expect(decide(state, now(state))).toMatchObject([
      {
        event: {
          code: 'DEP_QUOTA',
          message: expect.stringContaining('no credit; it works again once it is paid for'),
        },
      },
    ]);
    expect(state.metrics.consecutiveFails).toBe(0);
  });
});

describe('a service that cannot be reached', () => {
  test('is tried again after two seconds, doubled, as often as the stage has retries', () => {
    const state = ends(aRun({ retries: 2 }), 'unavailable', { message: 'no route' });
    expect(settled(state)).toEqual([{ do: 'wait', until: now(state) - SECOND + 2 * SECOND }]);
    expect(state.code).toBe('RETRYING');
    ends(state, 'unavailable', { message: 'no route' });
    expect(settled(state)).toEqual([{ do: 'wait', until: now(state) - SECOND + 4 * SECOND }]);
    ends(state, 'unavailable', { message: 'no route' });
    expect(decide(state, now(state))).toMatchObject([
      { event: { status: 'failed', code: 'DEP_API_UNAVAILABLE', message: 'no route' } },
    ]);
    expect(state.metrics.consecutiveFails).toBe(3);
  });
});

describe('a runner that takes over', () => {
  const one = { runner: 'claude', runners: RUNNERS, sessionId: 'claude-1' };
  const other = { runner: 'codex', runners: RUNNERS, sessionId: 'codex-1' };

  test.each([
    ['quota', 'claude has no quota left'],
    ['billing', 'claude has to be paid for'],
    ['overloaded', 'claude is overloaded'],
    ['unavailable', 'claude cannot be reached'],
  ])('begins at once after %s, in no session of the other, and it is said why', (outcome, runnerReason) => {
    const state = ends(aRun(), outcome, one);
    const [decision] = decide(state, now(state));
    expect(decision).toMatchObject({ work: { attempt: 2, runner: 'codex', runnerReason } });
    expect(decision).not.toHaveProperty('work.sessionId');
  });

  test('keeps the frame until it fails itself', () => {
    const state = ends(aRun({ retries: 2 }), 'quota', one);
    ends(state, 'crashed', other);
    expect(decide(state, now(state))).toMatchObject([{ work: { runner: 'codex', sessionId: 'codex-1' } }]);
    ends(state, 'ok', other);
    happens(state, rejected('build', { attempt: 3 }));
    expect(decide(state, now(state))).toMatchObject([{ work: { runner: 'codex', sessionId: 'codex-1' } }]);
  });

  test('gives back to whoever is due first, each in its own session', () => {
    const state = ends(aRun(), 'quota', { ...one, retryAt: '2026-01-05T09:30:00.000Z' });
    ends(state, 'overloaded', other);
    const due = now(state) + 10 * SECOND;
    expect(settled(state)).toEqual([{ do: 'wait', until: due }]);
    expect(state.stages.get('build')?.frames[0]?.waiting).toMatchObject({
      runner: 'codex',
      outcome: 'overloaded',
    });
    expect(decide(state, due)).toMatchObject([{ work: { runner: 'codex', sessionId: 'codex-1' } }]);
    ends(state, 'quota', { ...other, retryAt: '2026-01-05T09:31:00.000Z' });
    const [back] = settled(state, Date.parse('2026-01-05T09:30:00.000Z'));
    expect(back).toMatchObject({ work: { attempt: 4, sessionId: 'claude-1' } });
    expect(back).not.toHaveProperty('work.runner');
  });

  test('is used also where nothing is waited for and nothing is tried again', () => {
    const state = ends(aRun({}, { limits: { quotaWaitMs: 0 } }), 'unavailable', one);
    expect(decide(state, now(state))).toMatchObject([{ work: { runner: 'codex' } }]);
    ends(state, 'quota', other);
    expect(decide(state, now(state))).toMatchObject([{ event: { code: 'DEP_QUOTA' } }]);
  });

  test('is the one that a continued run is told, whatever the role says', () => {
    const state = ends(aRun({}, { runner: 'claude' }), 'quota', { runner: 'claude', sessionId: 'claude-1' });
    expect(settled(state)).toMatchObject([{ do: 'wait' }]);
    state.settings = { ...state.settings, runner: 'gemini' };
    const [decision] = decide(state, now(state));
    expect(decision).toMatchObject({ work: { attempt: 2 } });
    expect(decision).not.toHaveProperty('work.sessionId');
  });
});

describe('a wait', () => {
  const later = '2026-01-05T09:20:00.000Z';
  const waiting = () => {
    const state = ends(aRun(), 'quota', { sessionId: 's1', retryAt: later });
    settled(state);
    return state;
  };

  test('outlives the process that kept it, and whoever takes over is told', () => {
    const state = waiting();
    const told = takeOverEvents(state);
    expect(told).toMatchObject([{ type: 'attempt.waiting', runner: 'claude', until: later }]);
    happens(state, ...told);
    expect(settled(state)).toEqual([{ do: 'wait', until: Date.parse(later) }]);
    expect(state.code).toBe('QUOTA_WAIT');
  });

  test('that was interrupted goes on for the rest in the next segment, in the same session', () => {
    const state = waiting();
    happens(state, { type: 'stop.requested', code: 'USER_INTERRUPT' });
    expect(decide(state, now(state))).toMatchObject([{ event: { type: 'run.stopped' } }]);
    happens(state, { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 });
    happens(state, { type: 'segment.started', previousRunId: 'before' });
    expect(decide(state, now(state))).toMatchObject([{ event: { type: 'attempt.waiting', until: later } }]);
    expect(settled(state)).toEqual([{ do: 'wait', until: Date.parse(later) }]);
    expect(decide(state, Date.parse(later))).toMatchObject([{ work: { attempt: 2, sessionId: 's1' } }]);
  });

  test('that was too long is over: a run that failed for it tries again at once', () => {
    const state = ends(aRun(), 'quota', { sessionId: 's1', retryAt: '2026-01-05T23:00:00.000Z' });
    happens(state, { type: 'stage.finished', stage: 'build', status: 'failed', code: 'DEP_QUOTA' });
    happens(state, { type: 'run.finished', status: 'failed', code: 'DEP_QUOTA', failedStage: 'build' });
    happens(state, { type: 'segment.started', previousRunId: 'before' });
    expect(decide(state, now(state))).toMatchObject([{ work: { attempt: 2, sessionId: 's1' } }]);
  });

  test('ends with its run where somebody cancels it', () => {
    const state = happens(waiting(), { type: 'stop.requested', code: 'USER_CANCELLED' });
    expect(decide(state, now(state))).toMatchObject([
      { event: { status: 'cancelled', code: 'USER_CANCELLED' } },
    ]);
  });

  test('keeps no frame beside it from its work', () => {
    const pipeline = aPipeline([aStage('build', { foreach: ['a', 'b'], maxParallel: 2 })]);
    const state = stateAfter(
      created(pipeline),
      started('build', 2),
      begun('build'),
      begun('build', { frame: 1 }),
    );
    happens(state, generated('build', { frame: 1, outcome: 'quota' }));
    expect(settled(state)).toContainEqual({ do: 'wait', until: now(state) - SECOND + 30 * SECOND });
    // Readers are told of the lowest frame at work.
    expect(state.code).toBe('GENERATING');
    happens(state, generated('build'), {
      type: 'attempt.judged',
      stage: 'build',
      frame: 0,
      attempt: 1,
      verdict: 'approved',
      findings: [],
    });
    expect(state.code).toBe('QUOTA_WAIT');
  });
});

describe('the check by an agent that has no quota', () => {
  const audit = { work: { kind: 'agent', agent: 'critic' }, timeoutMs: 1_000 } as const;
  const unchecked = (more: object = {}): RunEventBody => ({
    type: 'audit.failed',
    stage: 'build',
    frame: 0,
    attempt: 1,
    outcome: 'quota',
    message: 'used up',
    runner: 'claude',
    ...more,
  });
  const made = () => ends(aRun({ audit }), 'ok');

  test('is waited for and made again, as no failure; the work is not', () => {
    const state = happens(made(), unchecked({ retryAt: '2026-01-05T09:20:00.000Z' }));
    const until = Date.parse('2026-01-05T09:20:00.000Z');
    expect(settled(state)).toEqual([{ do: 'wait', until }]);
    expect([state.code, state.metrics.consecutiveFails]).toEqual(['QUOTA_WAIT', 0]);
    expect(decide(state, until)).toMatchObject([{ work: { kind: 'judge', attempt: 1 } }]);
  });

  test('is made by the next runner at once', () => {
    const state = happens(made(), unchecked({ runners: RUNNERS }));
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'judge', runner: 'codex' } }]);
  });

  test('fails the stage where the wait would be too long', () => {
    const state = happens(made(), unchecked({ retryAt: '2026-01-05T23:00:00.000Z' }));
    expect(decide(state, now(state))).toMatchObject([
      {
        event: {
          code: 'DEP_QUOTA',
          message: expect.stringContaining('the check could not be made: used up; claude answers'),
        },
      },
    ]);
  });

  test('is waited for also where the journal does not say who made it', () => {
    const { runner: _, ...anonymous } = unchecked() as { runner?: string } & RunEventBody;
    const state = happens(made(), anonymous as RunEventBody);
    expect(settled(state)).toMatchObject([{ do: 'wait' }]);
  });
});
