import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aChain,
  aPipeline,
  approved,
  aStage,
  begun,
  created,
  generated,
  happens,
  rejected,
  started,
  stateAfter,
} from '../../rig/run-builder.ts';

const oneStage = created(aPipeline([aStage('build', { retries: 5, repairs: 2 })]));

function now(state: RunState): number {
  return Date.parse(state.at);
}

/** One attempt of the only stage that ended as given. */
function ended(outcome: string, more: Partial<Extract<RunEventBody, { type: 'attempt.generated' }>> = {}) {
  return stateAfter(oneStage, started('build'), begun('build'), generated('build', { outcome, ...more }));
}

function again(state: RunState, attempt: number, outcome: string): RunState {
  return happens(state, begun('build', { attempt }), generated('build', { attempt, outcome }));
}

describe('an attempt that itself failed', () => {
  test.each(['crashed', 'agent', 'no-result', 'abandoned'])(
    'is made again after it ended as %s',
    (outcome) => {
      const state = ended(outcome, { sessionId: 'session-1' });
      expect(decide(state, now(state))).toMatchObject([
        { do: 'perform', work: { kind: 'attempt', attempt: 2, sessionId: 'session-1' } },
      ]);
    },
  );

  test('ends the stage once the retries are used up, with the code of the last failure', () => {
    const state = stateAfter(
      created(aPipeline([aStage('build', { retries: 1 })])),
      started('build'),
      begun('build'),
      generated('build', { outcome: 'crashed' }),
      begun('build', { attempt: 2 }),
      generated('build', { attempt: 2, outcome: 'no-result', message: 'nothing came' }),
    );
    expect(decide(state, now(state))).toEqual([
      {
        do: 'record',
        event: {
          type: 'stage.finished',
          stage: 'build',
          status: 'failed',
          code: 'AGENT_NO_RESULT',
          message: 'nothing came',
        },
      },
    ]);
  });

  test('that ran out of time is resumed once, in the same session, and not a second time', () => {
    const state = ended('timeout', { sessionId: 'session-1' });
    expect(decide(state, now(state))).toMatchObject([{ work: { attempt: 2, sessionId: 'session-1' } }]);
    again(state, 2, 'timeout');
    expect(decide(state, now(state))).toMatchObject([{ event: { status: 'failed', code: 'STAGE_TIMEOUT' } }]);
  });

  test('that fell silent is resumed once also by a stage without retries, a command is not made again', () => {
    const agent = aPipeline([aStage('build', { retries: 0 })]);
    const silent = (pipeline: typeof agent) =>
      stateAfter(
        created(pipeline),
        started('build'),
        begun('build'),
        generated('build', { outcome: 'stalled' }),
      );
    const state = silent(agent);
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'attempt', attempt: 2 } }]);
    again(state, 2, 'stalled');
    expect(decide(state, now(state))).toMatchObject([{ event: { type: 'run.stopped', code: 'STALLED' } }]);
    const command = silent(aPipeline([aStage('build', { retries: 0, work: { kind: 'command', run: 'x' } })]));
    expect(decide(command, now(command))).toMatchObject([{ event: { code: 'STALLED' } }]);
  });

  test('that fell silent twice stops the run, to be resumed', () => {
    const state = ended('stalled');
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'attempt', attempt: 2 } }]);
    again(state, 2, 'stalled');
    expect(decide(state, now(state))).toMatchObject([{ event: { type: 'run.stopped', code: 'STALLED' } }]);
  });

  test.each([
    ['auth', 'DEP_AUTH'],
    ['refused', 'AGENT_REFUSED'],
    ['spawn-error', 'DEP_RUNNER_FAIL'],
    ['output-limit', 'AGENT_CRASHED'],
  ])('that ended as %s is not paid for again: %s', (outcome, code) => {
    const state = ended(outcome);
    expect(decide(state, now(state))).toMatchObject([
      { event: { type: 'stage.finished', status: 'failed', code } },
    ]);
  });

  test('that met a full context starts a new session, once', () => {
    const state = ended('context', { sessionId: 'session-1' });
    const [decision] = decide(state, now(state));
    expect(decision).toMatchObject({ work: { kind: 'attempt', attempt: 2 } });
    expect(decision).not.toHaveProperty('work.sessionId');
    again(state, 2, 'context');
    expect(decide(state, now(state))).toMatchObject([{ event: { code: 'CONTEXT_OVERFLOW' } }]);
  });

  test('that spent its budget stops the run with BUDGET_EXCEEDED', () => {
    const state = ended('budget');
    expect(decide(state, now(state))).toMatchObject([
      { event: { type: 'run.stopped', code: 'BUDGET_EXCEEDED' } },
    ]);
  });

  test('that was cancelled is made again in its session and counts as no failure', () => {
    const state = ended('cancelled', { sessionId: 'session-1' });
    for (let attempt = 2; attempt < 12; attempt += 1) again(state, attempt, 'cancelled');
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'attempt', attempt: 12 } }]);
    expect(state.metrics.consecutiveFails).toBe(0);
  });

  test('in a way that nobody knows is a bug', () => {
    const state = ended('exploded');
    expect(() => decide(state, now(state))).toThrow('exploded');
  });
});

describe('a result that does not hold its contract', () => {
  function rejections(count: number): RunState {
    const state = stateAfter(oneStage, started('build'));
    for (let attempt = 1; attempt <= count; attempt += 1) {
      happens(
        state,
        begun('build', { attempt }),
        generated('build', { attempt, sessionId: `session-${attempt}` }),
        rejected('build', { attempt, findings: [`finding ${attempt}`] }),
      );
    }
    return state;
  }

  test.each([1, 2])('is put back with its findings, rejection %i', (count) => {
    const state = rejections(count);
    expect(decide(state, now(state))).toMatchObject([
      {
        do: 'perform',
        work: {
          kind: 'attempt',
          attempt: count + 1,
          findings: [`finding ${count}`],
          sessionId: `session-${count}`,
        },
      },
    ]);
  });

  test('is still to be put right after an attempt that failed, where somebody audits', () => {
    const audit = { work: { kind: 'command', run: './check.sh' }, timeoutMs: 1_000 } as const;
    const state = stateAfter(
      created(aPipeline([aStage('build', { retries: 5, repairs: 5, audit })])),
      started('build'),
      begun('build'),
      generated('build'),
      rejected('build', { findings: ['too narrow'] }),
    );
    again(state, 2, 'crashed');
    expect(decide(state, now(state))).toMatchObject([{ work: { attempt: 3, findings: ['too narrow'] } }]);
  });

  test('a third time ends the stage with OUTPUT_INVALID and the findings', () => {
    const state = rejections(3);
    expect(decide(state, now(state))).toMatchObject([
      { event: { type: 'stage.finished', status: 'failed', code: 'OUTPUT_INVALID', message: 'finding 3' } },
    ]);
  });

  test('fails with the code of the rejection where it has one of its own', () => {
    const state = rejections(2);
    happens(
      state,
      begun('build', { attempt: 3 }),
      generated('build', { attempt: 3 }),
      rejected('build', { attempt: 3, code: 'TESTS_FAILED' }),
    );
    expect(decide(state, now(state))).toMatchObject([{ event: { code: 'TESTS_FAILED' } }]);
  });

  test('is put back as often as a person asks for a change, and that counts as no failure', () => {
    const state = stateAfter(oneStage, started('build'));
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      happens(
        state,
        begun('build', { attempt }),
        generated('build', { attempt }),
        rejected('build', { attempt, code: 'REVISION_ASKED', findings: ['shorter'] }),
      );
    }
    expect(decide(state, now(state))).toMatchObject([{ work: { attempt: 7, findings: ['shorter'] } }]);
    expect(state.metrics.consecutiveFails).toBe(0);
  });

  test('the retry configuration bounds both in a feature run, the first attempt included', () => {
    const feature = { slug: 'build', featureId: 'f', briefPath: 'BRIEF.md' };
    const begunWith = { ...oneStage, feature, retry: { ...oneStage.retry, maxAttempts: 2 } };
    const state = stateAfter(
      begunWith,
      started('build'),
      begun('build'),
      generated('build'),
      rejected('build'),
      begun('build', { attempt: 2 }),
      generated('build', { attempt: 2 }),
      rejected('build', { attempt: 2 }),
    );
    expect(decide(state, now(state))).toMatchObject([{ event: { code: 'OUTPUT_INVALID' } }]);
  });
});

describe('a question of an agent', () => {
  const asked = () =>
    stateAfter(
      oneStage,
      started('build'),
      begun('build'),
      generated('build', { question: 'which port?', sessionId: 'session-1' }),
    );

  test('is put to a person, and the run waits', () => {
    const state = asked();
    expect([state.phase, state.code]).toEqual(['waiting_approval', 'QUESTION_PENDING']);
    expect(decide(state, now(state))).toMatchObject([
      { work: { kind: 'ask-question', stage: 'build', attempt: 1, question: 'which port?' } },
    ]);
  });

  test('once answered goes back to the same session with question and answer', () => {
    const state = happens(asked(), {
      type: 'question.answered',
      stage: 'build',
      frame: 0,
      attempt: 1,
      answer: '8080',
    });
    expect([state.phase, state.code]).toEqual(['running', 'RESUMING']);
    expect(decide(state, now(state))).toMatchObject([
      {
        work: {
          kind: 'attempt',
          attempt: 2,
          question: 'which port?',
          answer: '8080',
          sessionId: 'session-1',
        },
      },
    ]);
  });

  test('is still open after the run was stopped and continued', () => {
    const state = happens(
      asked(),
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
      { type: 'segment.started', previousRunId: 'e' },
    );
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'ask-question', attempt: 1 } }]);
    expect(state.code).toBe('QUESTION_PENDING');
  });

  test('leaves the run running while another branch works, and waiting when that has ended', () => {
    const begunWith = created(aPipeline([aStage('build'), aStage('docs')]));
    const state = stateAfter(
      begunWith,
      started('build'),
      started('docs'),
      begun('docs'),
      begun('build'),
      generated('build', { question: 'which port?' }),
    );
    expect(state.phase).toBe('running');
    happens(state, generated('docs'), approved('docs'), {
      type: 'stage.finished',
      stage: 'docs',
      status: 'succeeded',
    });
    expect([state.phase, state.code]).toEqual(['waiting_approval', 'QUESTION_PENDING']);
  });
});

describe('frames of a stage', () => {
  test('are worked on one after the other, each from its first attempt', () => {
    const state = stateAfter(oneStage, started('build', 2), begun('build'), generated('build'));
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'judge', frame: 0, attempt: 1 } }]);
    happens(state, approved('build'));
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'attempt', frame: 1, attempt: 1 } }]);
    happens(
      state,
      begun('build', { frame: 1 }),
      generated('build', { frame: 1 }),
      approved('build', { frame: 1 }),
    );
    expect(decide(state, now(state))).toMatchObject([
      { event: { type: 'stage.finished', stage: 'build', status: 'succeeded' } },
    ]);
  });

  test('that were never reached count nowhere once their stage has failed, and count again when it goes on', () => {
    const state = stateAfter(
      oneStage,
      started('build', 4),
      begun('build'),
      generated('build'),
      approved('build'),
      begun('build', { frame: 1 }),
      generated('build', { frame: 1, outcome: 'auth' }),
      { type: 'stage.finished', stage: 'build', status: 'failed', code: 'DEP_AUTH' },
    );
    expect(state.metrics).toMatchObject({ totalFrames: 2, approved: 1, failed: 1, rejected: 0 });
    happens(
      state,
      { type: 'run.finished', status: 'failed', code: 'DEP_AUTH', failedStage: 'build' },
      { type: 'segment.started', previousRunId: 'e' },
    );
    expect(state.metrics).toMatchObject({ totalFrames: 4, approved: 1, failed: 0 });
    expect(decide(state, now(state))).toMatchObject([{ work: { kind: 'attempt', frame: 1, attempt: 2 } }]);
  });

  test('a stage without frames has nothing to do and succeeds', () => {
    const state = stateAfter(oneStage, started('build', 0));
    expect(decide(state, now(state))).toMatchObject([
      { event: { type: 'stage.finished', status: 'succeeded' } },
    ]);
    happens(state, { type: 'stage.finished', stage: 'build', status: 'succeeded' });
    expect(state.metrics.totalFrames).toBe(0);
  });
});

describe('what an agent used', () => {
  const usage = { input: 100, output: 20, cacheRead: 3, cacheWrite: 4, costMicroUsd: 1500 };

  test('is summed over attempts and ratings', () => {
    const state = stateAfter(
      created(aPipeline(aChain('alpha', 'beta'))),
      started('alpha'),
      begun('alpha'),
      generated('alpha', { usage }),
      approved('alpha'),
      { type: 'stage.finished', stage: 'alpha', status: 'succeeded' },
      {
        type: 'feedback.given',
        stage: 'beta',
        about: 'alpha',
        rating: 5,
        issues: [],
        recommendation: 'proceed',
        verdict: 'proceed',
        usage,
      },
    );
    expect(state.metrics).toMatchObject({ tokens: 254, costMicroUsd: 3000, unknownCost: 0 });
  });

  test('is unknown, not nothing, where it was not told or the attempt was lost', () => {
    const state = ended('crashed');
    expect(state.metrics).toMatchObject({ tokens: 0, costMicroUsd: 0, unknownCost: 1 });
    happens(state, begun('build', { attempt: 2 }), {
      type: 'attempt.abandoned',
      stage: 'build',
      frame: 0,
      attempt: 2,
      reason: 'gone',
    });
    expect(state.metrics.unknownCost).toBe(2);
  });

  test('of a command is nothing', () => {
    const state = stateAfter(
      created(aPipeline([aStage('build', { work: { kind: 'command', run: 'make' } })])),
      started('build'),
      begun('build'),
      generated('build'),
    );
    expect(state.metrics.unknownCost).toBe(0);
  });
});
