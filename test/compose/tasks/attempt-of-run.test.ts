import { describe, expect, test } from 'vitest';
import { attemptOfRun } from '../../../src/compose/tasks/attempt-of-run.ts';
import { partsDue } from '../../../src/compose/tasks/run-part.ts';
import type { RunEvent, RunEventBody } from '../../../src/core/run/event.ts';
import { executionAttemptSchema } from '../../../src/core/task/execution.ts';
import {
  aChain,
  aPipeline,
  begun,
  created,
  EXECUTION,
  envelopes,
  generated,
  settings,
  started,
  succeeds,
} from '../../rig/run-builder.ts';

const PIPELINE = aPipeline(aChain('alex', 'codey-plan', 'codey-implement'), { closing: 'commit' });
const FEATURE = { slug: 'login', featureId: 'feature-1', briefPath: 'brief.md' };
const FINISHED: RunEventBody = { type: 'run.finished', status: 'succeeded', code: 'ALL_FRAMES_APPROVED' };

function run(...bodies: readonly RunEventBody[]): RunEvent[] {
  return runWith({}, ...bodies);
}

function runWith(different: Parameters<typeof settings>[0], ...bodies: readonly RunEventBody[]): RunEvent[] {
  return envelopes([
    created(PIPELINE, { feature: FEATURE, settings: settings(different) }),
    { type: 'segment.started', previousRunId: null },
    ...bodies,
  ]);
}

/** Every attempt that is due, as it is written. */
function attemptsOf(events: readonly RunEvent[], look: Partial<Parameters<typeof partsDue>[1]> = {}) {
  return [...partsDueNow(events, look)];
}

function* partsDueNow(events: readonly RunEvent[], look: Partial<Parameters<typeof partsDue>[1]>) {
  for (const part of partsDue(structuredClone(events), { recorded: 0, ...look })) {
    const attempt = attemptOfRun(part, {
      mask: (text) => text.replaceAll('hunter22', '***'),
      person: 'ada',
      defaultRunner: 'claude',
    });
    expect(executionAttemptSchema.parse(attempt)).toEqual(attempt);
    yield attempt;
  }
}

/** The only one. */
function attemptOf(events: readonly RunEvent[], look: Partial<Parameters<typeof partsDue>[1]> = {}) {
  const attempts = attemptsOf(events, look);
  expect(attempts).toHaveLength(1);
  return attempts[0];
}

/** A stage with one frame whose agent was of this model. */
function made(stage: string, model: string): RunEventBody[] {
  return succeeds(stage).map((body) => (body.type === 'attempt.generated' ? { ...body, model } : body));
}

describe('an invocation that finished the task', () => {
  const attempt = attemptOf(
    run(...made('alex', 'a'), ...made('codey-plan', 'p'), ...made('codey-implement', 'c'), FINISHED),
  );

  test('is one completed attempt of whoever wrote the code, with who planned it', () => {
    expect(attempt).toEqual({
      started_at: '2026-01-05T09:00:01.000Z',
      ended_at: '2026-01-05T09:00:17.000Z',
      duration_seconds: 16,
      status: 'completed',
      executor: { tool: 'scripted', model: 'c', planner: { tool: 'scripted', model: 'p' } },
      notes: `murmur8 run ${EXECUTION}`,
    });
  });
});

describe('an invocation that did not', () => {
  test.each([
    ['failed', { type: 'run.finished', status: 'failed', code: 'TESTS_FAILED' }],
    ['failed', { type: 'run.finished', status: 'failed', code: 'STAGE_TIMEOUT' }],
    ['failed', { type: 'run.stopped', code: 'BUDGET_EXCEEDED', threshold: 1, actual: 2 }],
    ['failed', { type: 'run.stopped', code: 'QUALITY_GATE', threshold: 3, actual: 2 }],
    ['abandoned', { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 0 }],
    ['abandoned', { type: 'run.stopped', code: 'PAUSED_AFTER_STAGE', threshold: 0, actual: 0 }],
    ['abandoned', { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' }],
  ] as const)('is %s after %j, with the reason', (status, end) => {
    const attempt = attemptOf(run(...made('alex', 'a'), { ...end, message: 'because' }));
    expect(attempt).toMatchObject({
      status,
      error_reason: `${end.code}: because`,
      executor: { tool: 'scripted', model: 'a' },
    });
    expect(attempt?.executor).not.toHaveProperty('planner');
  });

  test('names no secret, in one line', () => {
    const message = 'login with\nhunter22 \u001b[31mfailed';
    const attempt = attemptOf(
      run(...made('alex', 'a'), { type: 'run.finished', status: 'failed', code: 'DEP_AUTH', message }),
    );
    expect(attempt?.error_reason).toBe('DEP_AUTH: login with *** failed');
  });

  test('names who was to do it where nobody had begun', () => {
    const end: RunEventBody = { type: 'run.finished', status: 'failed', code: 'SYS_WRITE_ERROR' };
    expect(attemptOf(run(end))?.executor).toEqual({ tool: 'claude' });
    expect(attemptOf(runWith({ runner: 'offline', model: 'm' }, end))?.executor).toEqual({
      tool: 'offline',
      model: 'm',
    });
  });
});

describe('whoever judged', () => {
  const rated: RunEventBody = {
    type: 'feedback.given',
    stage: 'codey-plan',
    about: 'alex',
    rating: 2,
    issues: ['vague', 'too short'],
    recommendation: 'pause',
    verdict: 'gate',
  };
  const answered: RunEventBody = {
    type: 'gate.answered',
    stage: 'codey-plan',
    answer: 'continue',
  };
  const vote = {
    type: 'approval.voted',
    approvalId: 'a',
    stage: 'codey-implement',
    actor: 'grace',
    decision: 'rejected',
    comment: 'not like this',
    channel: 'cli',
  } as const;

  test('is the agent whose rating closed the gate, where nobody answered there', () => {
    const gated = [...made('alex', 'a'), started('codey-plan'), rated];
    const rejected = { name: 'codey-plan', approved: false, notes: 'vague; too short' };
    expect(attemptOf(run(...gated, FINISHED))?.reviewer).toMatchObject(rejected);
    const paused: RunEventBody = { ...answered, answer: 'pause' };
    expect(attemptOf(run(...gated, paused, FINISHED))?.reviewer).toMatchObject(rejected);
    expect(attemptOf(runWith({ yes: true }, ...gated, answered, FINISHED))?.reviewer).toMatchObject(rejected);
  });

  test('is the person who answered at the gate', () => {
    expect(
      attemptOf(run(...made('alex', 'a'), started('codey-plan'), rated, answered, FINISHED))?.reviewer,
    ).toEqual({
      name: 'ada',
      approved: true,
      reviewed_at: '2026-01-05T09:00:09.000Z',
    });
  });

  test('is who voted last on an approval', () => {
    expect(
      attemptOf(run(...made('alex', 'a'), started('codey-plan'), rated, answered, vote, FINISHED))?.reviewer,
    ).toEqual({
      name: 'grace',
      approved: false,
      reviewed_at: '2026-01-05T09:00:10.000Z',
      notes: 'not like this',
    });
  });

  test('is nobody where no gate was', () => {
    const fine: RunEventBody = { ...rated, verdict: 'proceed', recommendation: 'proceed', rating: 5 };
    expect(attemptOf(run(...made('alex', 'a'), started('codey-plan'), fine, FINISHED))).not.toHaveProperty(
      'reviewer',
    );
  });
});

describe('an invocation whose owner died', () => {
  const before = run(...made('alex', 'a'), started('codey-plan'), begun('codey-plan'));
  const after = envelopes(
    [
      {
        type: 'attempt.abandoned',
        stage: 'codey-plan',
        frame: 0,
        attempt: 1,
        reason: 'gone',
        ownerLost: true,
      },
      begun('codey-plan', { attempt: 2 }),
      generated('codey-plan', { attempt: 2, model: 'p' }),
      FINISHED,
    ],
    before.at(-1),
  ).map((event) => ({ ...event, epoch: 2, at: event.at.replace('09:00', '10:00') }));

  const abandoned = {
    started_at: '2026-01-05T09:00:01.000Z',
    ended_at: '2026-01-05T09:00:08.000Z',
    duration_seconds: 7,
    status: 'abandoned',
    error_reason: expect.stringMatching(/^SYS_OWNER_LOST: /),
    executor: { tool: 'scripted' },
  };

  test('is abandoned as of its last sign of life', () => {
    expect(attemptOf(before)).toMatchObject(abandoned);
  });

  test('is told of by the one after it, which is itself still at work', () => {
    const working = after.filter(({ type }) => type !== 'run.finished');
    expect(attemptsOf([...before, ...working], { before: 2 })).toMatchObject([abandoned]);
  });

  test('is followed by another one, which begins where it was taken up', () => {
    expect(attemptsOf([...before, ...after])).toMatchObject([
      abandoned,
      {
        started_at: '2026-01-05T10:00:09.000Z',
        ended_at: '2026-01-05T10:00:12.000Z',
        duration_seconds: 3,
        status: 'completed',
        executor: { tool: 'scripted', model: 'p' },
      },
    ]);
  });

  test('is told of once', () => {
    const events = [...before, ...after];
    expect(attemptsOf(events, { recorded: before.length })).toHaveLength(1);
    expect(attemptsOf(events, { recorded: events.length })).toEqual([]);
    const books = envelopes([{ type: 'history.recorded' }], events.at(-1));
    expect(attemptsOf([...events, ...books], { recorded: events.length })).toEqual([]);
  });

  test('counts as one also where the run was ended instead of being continued', () => {
    for (const end of [
      { type: 'run.finished', status: 'failed', code: 'SYS_OWNER_LOST' },
      { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' },
    ] as const) {
      const lost = envelopes([end], before.at(-1)).map((event) => ({
        ...event,
        epoch: 2,
        at: '2026-01-07T09:00:00.000Z',
      }));
      expect(attemptOf([...before, ...lost])).toMatchObject(abandoned);
    }
  });
});

test('a run that waits for an answer was an attempt, which says so', () => {
  const asks = run(...made('alex', 'a'), started('codey-plan'), begun('codey-plan'), {
    ...generated('codey-plan'),
    question: 'which table?',
  } as RunEventBody);
  expect(attemptOf(asks)).toMatchObject({
    status: 'abandoned',
    error_reason: expect.stringMatching(/^QUESTION_PENDING: /),
  });
});

test('parts that no attempt could be written of are made up for, each with its own end', () => {
  const failed = run(...made('alex', 'a'), {
    type: 'run.finished',
    status: 'failed',
    code: 'TESTS_FAILED',
    failedStage: 'codey-plan',
  });
  const again = envelopes(
    [
      { type: 'segment.started', previousRunId: EXECUTION },
      started('codey-plan'),
      begun('codey-plan'),
      generated('codey-plan', { model: 'p' }),
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 0 },
    ],
    failed.at(-1),
  ).map((event) => ({ ...event, epoch: 2, runId: 'second' }));
  expect(attemptsOf([...failed, ...again])).toMatchObject([
    { status: 'failed', notes: `murmur8 run ${EXECUTION}`, executor: { model: 'a' } },
    { status: 'abandoned', notes: 'murmur8 run second', executor: { model: 'p' } },
  ]);
});

test('a clock that was set back makes no attempt that ends before it began', () => {
  const events = run(...made('alex', 'a'), FINISHED).map((event) =>
    event.type === 'run.finished' ? { ...event, at: '2026-01-05T08:00:00.000Z' } : event,
  );
  expect(attemptOf(events)).toMatchObject({ duration_seconds: 0, ended_at: '2026-01-05T09:00:01.000Z' });
});

test('cancelling a run that had paused is no attempt of its own', () => {
  const paused = run(...made('alex', 'a'), {
    type: 'run.stopped',
    code: 'PAUSED_AFTER_STAGE',
    threshold: 0,
    actual: 0,
  });
  const cancelled = envelopes(
    [
      { type: 'segment.started', previousRunId: EXECUTION },
      { type: 'run.finished', status: 'cancelled', code: 'USER_CANCELLED' },
    ],
    paused.at(-1),
  ).map((event) => ({ ...event, epoch: 2, runId: 'second' }));
  expect(attemptsOf([...paused, ...cancelled], { recorded: paused.length })).toEqual([]);
});
