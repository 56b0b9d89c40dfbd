import { describe, expect, test } from 'vitest';
import { apply, replay } from '../../../src/core/run/apply.ts';
import { runEventSchema } from '../../../src/core/run/event.ts';
import {
  aChain,
  aPipeline,
  begun,
  created,
  EXECUTION,
  envelopes,
  generated,
  happens,
  started,
  stateAfter,
} from '../../rig/run-builder.ts';

const run = created(aPipeline(aChain('one', 'two')));

describe('the fold of a journal', () => {
  test('of nothing is nothing', () => {
    expect(replay([])).toBeUndefined();
  });

  test('begins with the creation of the run', () => {
    const [event] = envelopes([{ type: 'segment.started', previousRunId: null }]);
    if (event === undefined) throw new Error('no event');
    expect(() => apply(undefined, event)).toThrow('run.created');
  });

  test('ignores what the owner before wrote after it had lost the run', () => {
    const state = stateAfter(run, started('one'), begun('one'));
    const [first, second] = envelopes([generated('one'), generated('one', { outcome: 'crashed' })]);
    if (first === undefined || second === undefined) throw new Error('no events');
    apply(state, { ...first, seq: state.seq + 1, epoch: 2 });
    const before = structuredClone(state);
    apply(state, { ...second, seq: state.seq + 1, epoch: 1 });
    expect(state).toEqual(before);
    expect(state.epoch).toBe(2);
  });

  test('names the stage, frame or attempt that a journal of another program speaks of', () => {
    expect(() => stateAfter(run, started('three'))).toThrow('three');
    expect(() => stateAfter(run, begun('one'))).toThrow('frame 0 of one');
    expect(() => stateAfter(run, started('one'), generated('one', { attempt: 7 }))).toThrow(
      'attempt 7 of one',
    );
  });

  test('keeps the ids of all segments, and the id of the directory', () => {
    const state = stateAfter(run, { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 });
    const [event] = envelopes([{ type: 'segment.started', previousRunId: state.runId }]);
    if (event === undefined) throw new Error('no event');
    apply(state, { ...event, seq: state.seq + 1, runId: 'second' });
    expect([state.executionId, state.runId, state.previousRunId, state.runIds]).toEqual([
      EXECUTION,
      'second',
      EXECUTION,
      [EXECUTION, 'second'],
    ]);
  });

  test('a continued run has the settings given, else the ones before', () => {
    const state = stateAfter(run);
    const stop = { type: 'run.stopped' as const, code: 'USER_INTERRUPT', threshold: 0, actual: 1 };
    happens(state, stop, { type: 'segment.started', previousRunId: 'a' });
    expect(state.settings).toEqual(run.settings);
    happens(state, stop, {
      type: 'segment.started',
      previousRunId: 'a',
      settings: { ...run.settings, commit: false },
    });
    expect(state.settings.commit).toBe(false);
  });
});

test('every event in the tests has the form that the journal’s schema describes', () => {
  for (const event of envelopes([run, started('one'), begun('one'), generated('one')]))
    expect(runEventSchema.safeParse(event).success).toBe(true);
});
