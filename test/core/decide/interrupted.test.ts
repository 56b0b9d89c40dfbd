import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aPipeline,
  aStage,
  begun,
  created,
  generated,
  happens,
  rejected,
  started,
  stateAfter,
} from '../../rig/run-builder.ts';

const retry = {
  delayMs: 1,
  factor: 1,
  maxDelayMs: 1,
  jitter: 0,
  strategies: [{ name: 'WIDER' }, { name: 'RESCUE' }, { name: 'LAST' }],
};
const twoFrames = created(
  aPipeline([aStage('draw', { retries: 5, repairs: 5, foreach: ['a', 'b'], retry })]),
);

const KILLED: RunEventBody = {
  type: 'attempt.abandoned',
  stage: 'draw',
  frame: 0,
  attempt: 2,
  reason: 'its owner was gone',
  ownerLost: true,
};
const STOPPED = generated('draw', { attempt: 2, outcome: 'cancelled', sessionId: 'session-2' });
const CONTINUED: RunEventBody[] = [
  { type: 'stop.requested', code: 'USER_INTERRUPT' },
  STOPPED,
  { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
  { type: 'segment.started', previousRunId: 'before' },
];

/** The second attempt is under way, with a strategy. */
function secondUnderWay(...first: RunEventBody[]): RunState {
  const second = begun('draw', { attempt: 2 });
  if (second.type !== 'attempt.started') throw new Error('an attempt begins');
  return stateAfter(twoFrames, started('draw', 2), begun('draw'), ...first, { ...second, strategy: 'WIDER' });
}

function next(state: RunState) {
  return decide(state, Date.parse(state.at) + 1_000).find(
    (decision) => decision.do === 'perform' && decision.work.kind === 'attempt' && decision.work.frame === 0,
  );
}

/** It was cut off, the run stopped for it, and somebody continued it. */
const CUT_OFF = (outcome: string): RunEventBody[] => [
  generated('draw', { attempt: 2, outcome, sessionId: 'session-2' }),
  { type: 'run.stopped', code: 'BUDGET_EXCEEDED', threshold: 1, actual: 1 },
  { type: 'segment.started', previousRunId: 'before' },
];

describe('an attempt that is made in place of an interrupted one', () => {
  test.each<[string, RunEventBody[], string | undefined]>([
    ['was killed with its owner', [KILLED], undefined],
    ['was ended by a stop', CONTINUED, 'session-2'],
    ['had used up the budget', CUT_OFF('budget'), 'session-2'],
    ['had no quota left', CUT_OFF('quota'), 'session-2'],
  ])('has its strategy and the findings that it was to heed: it %s', (_, events, sessionId) => {
    const state = secondUnderWay(generated('draw'), rejected('draw', { findings: ['too narrow'] }));
    happens(state, ...events);
    expect(next(state)).toMatchObject({
      work: {
        attempt: 3,
        strategy: 'WIDER',
        findings: ['too narrow'],
        ...(sessionId === undefined ? {} : { sessionId }),
      },
    });
  });

  test('has the answer to the question that was asked before', () => {
    const state = secondUnderWay(generated('draw', { question: 'which one?' }), {
      type: 'question.answered',
      stage: 'draw',
      frame: 0,
      attempt: 1,
      answer: 'the left one',
    });
    happens(state, KILLED);
    expect(next(state)).toMatchObject({
      work: { attempt: 3, question: 'which one?', answer: 'the left one', findings: [] },
    });
  });

  test('is given the same however often it is interrupted, and takes no turn of a strategy', () => {
    const state = secondUnderWay(generated('draw'), rejected('draw', { findings: ['too narrow'] }));
    happens(state, KILLED);
    for (const attempt of [3, 4, 5]) {
      const again = begun('draw', { attempt });
      happens(state, again.type === 'attempt.started' ? { ...again, strategy: 'WIDER' } : again, {
        ...KILLED,
        attempt,
      } as RunEventBody);
      expect(next(state)).toMatchObject({ work: { strategy: 'WIDER', findings: ['too narrow'] } });
    }
    happens(
      state,
      begun('draw', { attempt: 6 }),
      generated('draw', { attempt: 6 }),
      rejected('draw', { attempt: 6, findings: ['too wide'] }),
    );
    expect(next(state)).toMatchObject({ work: { attempt: 7, strategy: 'RESCUE', findings: ['too wide'] } });
  });

  test('has nothing to heed where nothing had been found', () => {
    const state = secondUnderWay(generated('draw', { outcome: 'crashed' }));
    happens(state, KILLED);
    expect(next(state)).toMatchObject({ work: { strategy: 'WIDER', findings: [] } });
  });
});
