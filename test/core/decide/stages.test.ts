import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aChain,
  aPipeline,
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

function decisions(state: RunState) {
  return decide(state, Date.parse(state.at));
}

function of(stages: readonly Stage[], ...events: RunEventBody[]): RunState {
  return stateAfter(created(aPipeline(stages)), ...events);
}

function fails(stage: string): RunEventBody[] {
  return [
    started(stage),
    begun(stage),
    generated(stage, { outcome: 'refused' }),
    { type: 'stage.finished', stage, status: 'failed', code: 'AGENT_REFUSED' },
  ];
}

const skipped = (stage: string, reason: string, detail?: string) => ({
  do: 'record',
  event: { type: 'stage.skipped', stage, reason, ...(detail === undefined ? {} : { detail }) },
});

describe('a stage is opened', () => {
  test('the moment its own needs have ended, whatever else is at work', () => {
    const state = of(
      [aStage('one'), aStage('two'), aStage('three', { needs: ['one'] })],
      started('two'),
      begun('two'),
      ...succeeds('one'),
    );
    expect(decisions(state)).toMatchObject([
      { work: { kind: 'attempt', stage: 'two' } },
      { event: { type: 'stage.started', stage: 'three' } },
    ]);
  });

  test('only while there is room', () => {
    const pipeline = aPipeline([aStage('one'), aStage('two'), aStage('three')], { maxParallel: 2 });
    const state = stateAfter(created(pipeline));
    expect(decisions(state)).toMatchObject([{ event: { stage: 'one' } }, { event: { stage: 'two' } }]);
    happens(state, started('one'), begun('one'));
    expect(decisions(state)).toMatchObject([{ work: { kind: 'attempt' } }, { event: { stage: 'two' } }]);
  });

  test('after a failed need that may fail', () => {
    const state = of(
      [aStage('lint', { onFailure: 'continue' }), aStage('build', { needs: ['lint'] })],
      ...fails('lint'),
    );
    expect(decisions(state)).toMatchObject([{ event: { type: 'stage.started', stage: 'build' } }]);
  });

  test('after a need that was not selected, as if it had succeeded', () => {
    const state = of(aChain('spec', 'build'), {
      type: 'stage.skipped',
      stage: 'spec',
      reason: 'NOT_SELECTED',
    });
    expect(decisions(state)).toMatchObject([{ event: { type: 'stage.started', stage: 'build' } }]);
    expect(state.metrics.totalFrames).toBe(1);
  });

  test('when one need succeeded and the others were skipped', () => {
    const state = of(
      [aStage('one'), aStage('two'), aStage('join', { needs: ['one', 'two'] })],
      ...succeeds('one'),
      { type: 'stage.skipped', stage: 'two', reason: 'WHEN_FALSE' },
    );
    expect(decisions(state)).toMatchObject([{ event: { type: 'stage.started', stage: 'join' } }]);
  });
});

describe('a stage is skipped', () => {
  test('when everything it needs was', () => {
    const state = of(aChain('one', 'two'), { type: 'stage.skipped', stage: 'one', reason: 'WHEN_FALSE' });
    expect(decisions(state)).toEqual([skipped('two', 'UPSTREAM_SKIPPED')]);
  });

  test('when a need failed, and so are the ones behind it', () => {
    const state = of(aChain('one', 'two', 'three'), ...fails('one'));
    expect(decisions(state)).toEqual([skipped('two', 'UPSTREAM_FAILED')]);
    happens(state, { type: 'stage.skipped', stage: 'two', reason: 'UPSTREAM_FAILED' });
    expect(decisions(state)).toMatchObject([{ event: { stage: 'three' } }]);
  });

  test('when the run is halted by a stage it does not need, while running stages finish', () => {
    const state = of(
      [aStage('one'), aStage('two'), aStage('three', { needs: ['two'] })],
      started('two'),
      begun('two'),
      ...fails('one'),
    );
    expect(decisions(state)).toMatchObject([{ do: 'perform', work: { kind: 'attempt', stage: 'two' } }]);
    happens(
      state,
      generated('two'),
      { type: 'attempt.judged', stage: 'two', frame: 0, attempt: 1, verdict: 'approved', findings: [] },
      { type: 'stage.finished', stage: 'two', status: 'succeeded' },
    );
    expect(decisions(state)).toEqual([skipped('three', 'RUN_HALTED')]);
  });

  const conditional = [
    aStage('spec'),
    aStage('stories', { needs: ['spec'], when: { variable: { stories: 'yes' } } }),
  ];

  test('when a variable has another value, with the reason that the stage before gave', () => {
    const state = of(conditional, ...succeeds('spec', { stories: 'no', stories_reason: 'too small' }));
    const [decision] = decisions(state);
    expect(decision).toMatchObject({ event: { stage: 'stories', reason: 'WHEN_FALSE' } });
    expect(JSON.stringify(decision)).toContain('too small');
  });

  test('when nothing set the variable', () => {
    const state = of(conditional, ...succeeds('spec'));
    const [decision] = decisions(state);
    expect(decision).toMatchObject({ event: { stage: 'stories', reason: 'WHEN_UNKNOWN' } });
    expect(JSON.stringify(decision)).toContain('--var stories=');
  });

  test('but not when the variable has the value, where the run’s own goes before an output', () => {
    const byOutput = of(conditional, ...succeeds('spec', { stories: 'yes' }));
    expect(decisions(byOutput)).toMatchObject([{ event: { type: 'condition.met', stage: 'stories' } }]);
    const byRun = stateAfter(
      { ...created(aPipeline(conditional)), variables: { stories: 'yes' } },
      ...succeeds('spec', { stories: 'no' }),
    );
    expect(decisions(byRun)).toMatchObject([{ event: { type: 'condition.met', stage: 'stories' } }]);
  });
});

describe('a run with a pause', () => {
  const pausing = (...events: RunEventBody[]) =>
    stateAfter(
      { ...created(aPipeline(aChain('one', 'two', 'three'))), settings: settings({ pauseAfter: 'two' }) },
      ...events,
    );

  test('goes on until that stage has ended', () => {
    expect(decisions(pausing(...succeeds('one')))).toMatchObject([
      { event: { type: 'stage.started', stage: 'two' } },
    ]);
  });

  test('stops after it', () => {
    expect(decisions(pausing(...succeeds('one'), ...succeeds('two')))).toEqual([
      { do: 'record', event: { type: 'run.stopped', code: 'PAUSED_AFTER_STAGE', threshold: 0, actual: 1 } },
    ]);
  });

  test('stops at that boundary also when the stage was skipped', () => {
    const state = pausing(...succeeds('one'), { type: 'stage.skipped', stage: 'two', reason: 'WHEN_FALSE' });
    expect(decisions(state)).toMatchObject([{ event: { code: 'PAUSED_AFTER_STAGE' } }]);
  });

  test('does not pause after the last stage: there is nothing left to wait for', () => {
    const state = stateAfter(
      { ...created(aPipeline(aChain('one'))), settings: settings({ pauseAfter: 'one' }) },
      ...succeeds('one'),
    );
    expect(decisions(state)).toMatchObject([{ event: { type: 'run.finished', status: 'succeeded' } }]);
  });

  test('lets what is at work end first, and begins nothing new', () => {
    const state = stateAfter(
      {
        ...created(aPipeline([aStage('one'), aStage('two'), aStage('three')], { maxParallel: 2 })),
        settings: settings({ pauseAfter: 'one' }),
      },
      started('two'),
      begun('two'),
      ...succeeds('one'),
    );
    expect(decisions(state)).toMatchObject([{ work: { kind: 'attempt', stage: 'two' } }]);
  });

  test('is not stopped by a limit while another stage is still at work', () => {
    const state = stateAfter(
      {
        ...created(aPipeline([aStage('one'), aStage('two'), aStage('three')])),
        settings: settings({ pauseAfter: 'one', limits: { maxAttempts: 3 } }),
      },
      ...succeeds('one'),
      started('two'),
      begun('two'),
      started('three'),
      begun('three'),
      generated('three', { outcome: 'crashed' }),
    );
    expect(decisions(state)).toEqual([]);
    happens(state, generated('two'));
    expect(decisions(state)).toMatchObject([{ event: { code: 'CIRCUIT_BREAKER' } }]);
  });
});
