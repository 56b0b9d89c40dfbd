import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aPipeline,
  approved,
  aStage,
  begun,
  created,
  generated,
  happens,
  settings,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const rated = created(aPipeline([aStage('spec'), aStage('tests', { needs: ['spec'], reviews: ['spec'] })]));

function gives(
  verdict: 'proceed' | 'gate' | 'revise',
  different: Partial<Extract<RunEventBody, { type: 'feedback.given' }>> = {},
): RunEventBody {
  return {
    type: 'feedback.given',
    stage: 'tests',
    about: 'spec',
    rating: 2,
    issues: ['no limits named'],
    recommendation: verdict === 'gate' ? 'pause' : verdict,
    verdict,
    ...different,
  };
}

function decisions(state: RunState) {
  return decide(state, Date.parse(state.at));
}

const reworked: RunEventBody[] = [
  begun('spec', { attempt: 2 }),
  generated('spec', { attempt: 2 }),
  approved('spec', { attempt: 2 }),
  { type: 'stage.finished', stage: 'spec', status: 'succeeded' },
];

describe('a stage that rates what it received', () => {
  test('does so before it opens', () => {
    const state = stateAfter(rated, ...succeeds('spec'));
    expect(decisions(state)).toMatchObject([{ work: { kind: 'review', stage: 'tests', about: 'spec' } }]);
  });

  test('opens at once where feedback is switched off', () => {
    const state = stateAfter({ ...rated, settings: settings({ feedback: false }) }, ...succeeds('spec'));
    expect(decisions(state)).toMatchObject([{ event: { type: 'stage.started', stage: 'tests' } }]);
  });

  test('opens after a good rating, and after one that could not be had', () => {
    const good = stateAfter(rated, ...succeeds('spec'), gives('proceed', { rating: 5 }));
    expect(decisions(good)).toMatchObject([{ event: { type: 'stage.started' } }]);
    const missing = stateAfter(rated, ...succeeds('spec'), {
      type: 'feedback.missing',
      stage: 'tests',
      about: 'spec',
      reason: 'no answer',
    });
    expect(decisions(missing)).toMatchObject([{ event: { type: 'stage.started' } }]);
  });

  test('rates the first of the stages named that was not skipped', () => {
    const state = stateAfter(
      created(
        aPipeline([
          aStage('spec'),
          aStage('stories', { needs: ['spec'] }),
          aStage('tests', { needs: ['spec', 'stories'], reviews: ['stories', 'spec'] }),
        ]),
      ),
      ...succeeds('spec'),
      { type: 'stage.skipped', stage: 'stories', reason: 'WHEN_FALSE' },
    );
    expect(decisions(state)).toMatchObject([{ work: { kind: 'review', stage: 'tests', about: 'spec' } }]);
  });
});

describe('a result that is sent back', () => {
  test('is worked on again with the issues named, and then rated anew', () => {
    const state = stateAfter(rated, ...succeeds('spec'), gives('revise'));
    expect(state.stages.get('spec')?.status).toBe('running');
    expect(decisions(state)).toMatchObject([
      { work: { kind: 'attempt', stage: 'spec', attempt: 2, findings: ['no limits named'] } },
    ]);
    happens(state, ...reworked);
    expect(decisions(state)).toMatchObject([{ work: { kind: 'review', stage: 'tests', about: 'spec' } }]);
  });

  test('is sent back once; the second time a person is asked', () => {
    const state = stateAfter(rated, ...succeeds('spec'), gives('revise'), ...reworked, gives('revise'));
    expect(state.stages.get('spec')?.status).toBe('succeeded');
    expect(decisions(state)).toMatchObject([{ work: { kind: 'ask-gate', stage: 'tests', about: 'spec' } }]);
  });

  test('has its retries anew for the second time', () => {
    const state = stateAfter(
      created(
        aPipeline([aStage('spec', { retries: 1 }), aStage('tests', { needs: ['spec'], reviews: ['spec'] })]),
      ),
      started('spec'),
      begun('spec'),
      generated('spec', { outcome: 'crashed' }),
      begun('spec', { attempt: 2 }),
      generated('spec', { attempt: 2 }),
      approved('spec', { attempt: 2 }),
      { type: 'stage.finished', stage: 'spec', status: 'succeeded' },
      gives('revise'),
      begun('spec', { attempt: 3 }),
      generated('spec', { attempt: 3, outcome: 'crashed' }),
    );
    expect(decisions(state)).toMatchObject([{ work: { kind: 'attempt', attempt: 4 } }]);
  });

  test('is counted as approved only while it is', () => {
    const state = stateAfter(rated, ...succeeds('spec'), gives('revise'));
    expect(state.metrics.approved).toBe(0);
    happens(state, ...reworked);
    expect(state.metrics).toMatchObject({ approved: 1, totalFrames: 2, retriedFrames: 1 });
  });

  test('by one reader while another reads it is rated anew by the other, and worked on once', () => {
    const two = created(
      aPipeline([
        aStage('spec'),
        aStage('tests', { needs: ['spec'], reviews: ['spec'] }),
        aStage('docs', { needs: ['spec'], reviews: ['spec'] }),
      ]),
    );
    const state = stateAfter(
      two,
      ...succeeds('spec'),
      gives('revise'),
      gives('revise', { stage: 'docs', issues: ['too long'] }),
    );
    expect(state.unfinished).toBe(3);
    happens(state, ...reworked);
    expect(decisions(state)).toMatchObject([
      { work: { kind: 'review', stage: 'tests' } },
      { work: { kind: 'review', stage: 'docs' } },
    ]);
  });
});

describe('a gate', () => {
  const gated = () => stateAfter(rated, ...succeeds('spec'), gives('gate'));
  const answered = (answer: 'continue' | 'pause' | 'abort' | 'revise', comment?: string) =>
    happens(gated(), {
      type: 'gate.answered',
      stage: 'tests',
      answer,
      ...(comment === undefined ? {} : { comment }),
    });

  test('is put to a person', () => {
    expect(decisions(gated())).toMatchObject([{ work: { kind: 'ask-gate', stage: 'tests', about: 'spec' } }]);
  });

  test('answered with continue opens the stage', () => {
    expect(decisions(answered('continue'))).toMatchObject([
      { event: { type: 'stage.started', stage: 'tests' } },
    ]);
  });

  test.each(['pause', 'abort'] as const)('answered with %s pauses the run with QUALITY_GATE', (answer) => {
    expect(decisions(answered(answer))).toEqual([
      {
        do: 'record',
        event: {
          type: 'run.stopped',
          code: 'QUALITY_GATE',
          threshold: 0,
          actual: 2,
          message: 'tests rated spec 2 of 5: no limits named',
        },
      },
    ]);
  });

  test('answered with revise sends the result back with the issues and the comment, as often as asked', () => {
    const state = answered('revise', 'and name the ports');
    expect(decisions(state)).toMatchObject([
      { work: { kind: 'attempt', stage: 'spec', findings: ['no limits named', 'and name the ports'] } },
    ]);
    happens(state, ...reworked, gives('gate'), { type: 'gate.answered', stage: 'tests', answer: 'revise' });
    expect(decisions(state)).toMatchObject([{ work: { kind: 'attempt', stage: 'spec', attempt: 3 } }]);
  });

  test.each(['pause', 'abort', undefined] as const)(
    'that paused a run (%s) is open once it is continued',
    (answer) => {
      const state = answer === undefined ? gated() : answered(answer);
      happens(
        state,
        { type: 'run.stopped', code: 'QUALITY_GATE', threshold: 0, actual: 2 },
        { type: 'segment.started', previousRunId: 'e' },
      );
      expect(decisions(state)).toMatchObject([{ event: { type: 'stage.started', stage: 'tests' } }]);
    },
  );
});
