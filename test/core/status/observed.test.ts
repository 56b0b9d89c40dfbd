import { describe, expect, test } from 'vitest';
import type { StatusDocument } from '../../../src/core/status/document.ts';
import { statusDocument } from '../../../src/core/status/document.ts';
import { observedStages, observedStatus } from '../../../src/core/status/observed.ts';
import {
  aChain,
  aPipeline,
  BEGINNING,
  begun,
  created,
  EXECUTION,
  generated,
  happens,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const RESUME = `murmur8 pipeline run --resume ${EXECUTION}`;

/** The second of two stages is at work. */
function working() {
  return stateAfter(
    created(aPipeline(aChain('plan', 'build'))),
    ...succeeds('plan'),
    started('build'),
    begun('build'),
  );
}

function documentOf(state = working()): StatusDocument {
  return statusDocument(state, []);
}

describe('a run that says it is in progress', () => {
  test('goes on in time while somebody drives it', () => {
    const status = observedStatus(documentOf(), 'held', BEGINNING + 3_600_000);
    expect(status).toMatchObject({ status: 'in-progress', details: { elapsed_time_ms: 3_600_000 } });
  });

  test.each(['free', 'lost'] as const)('has lost its owner where that is %s', (owner) => {
    const status = observedStatus(documentOf(), owner, BEGINNING, '/logs/build/0-1.log');
    expect(status).toMatchObject({
      status: 'failed',
      reason_code: 'SYS_OWNER_LOST',
      message: expect.stringContaining(`continue with: ${RESUME}`),
      details: { error_type: 'system', error_code: 'SYS_OWNER_LOST', diagnostic_path: '/logs/build/0-1.log' },
    });
    expect(status.metrics).toEqual(documentOf().status.metrics);
  });

  test('names no file where there is none', () => {
    expect(observedStatus(documentOf(), 'lost', BEGINNING).details).not.toHaveProperty('diagnostic_path');
  });

  test('waits for less and less, and no less than not at all', () => {
    const until = new Date(BEGINNING + 60_000).toISOString();
    const wait = { runner: 'claude', outcome: 'quota', until };
    const state = happens(working(), generated('build', { outcome: 'quota' }), {
      type: 'attempt.waiting',
      stage: 'build',
      frame: 0,
      ...wait,
    });
    const seen = (now: number) => observedStatus(documentOf(state), 'held', now);
    expect(seen(BEGINNING + 20_000)).toMatchObject({
      status: 'in-progress',
      reason_code: 'QUOTA_WAIT',
      details: {
        current_action: 'Waiting for claude to go on with build, build 1',
        waiting: { ...wait, remaining_ms: 40_000 },
      },
    });
    expect(seen(BEGINNING + 90_000)).toMatchObject({ details: { waiting: { remaining_ms: 0 } } });
  });

  test('needs no owner while it waits for a person', () => {
    const waiting = { ...documentOf(), phase: 'waiting_approval' as const };
    expect(observedStatus(waiting, 'free', BEGINNING).status).toBe('in-progress');
  });
});

describe('stages', () => {
  test('of a run that is driven are as they were written', () => {
    const document = documentOf();
    expect(observedStages(document, observedStatus(document, 'held', BEGINNING))).toEqual(document.stages);
  });

  test('at work when the owner was lost are interrupted, at the time of the last event', () => {
    const document = documentOf();
    const stages = observedStages(document, observedStatus(document, 'lost', BEGINNING));
    expect(stages.map(({ name, status }) => [name, status])).toEqual([
      ['plan', 'succeeded'],
      ['build', 'interrupted'],
    ]);
    expect(stages[1]?.endedAt).toBe(document.status.timestamp);
  });

  test('at work when the run was interrupted are so too', () => {
    const state = happens(
      working(),
      { type: 'attempt.abandoned', stage: 'build', frame: 0, attempt: 1, reason: 'interrupted' },
      { type: 'run.stopped', code: 'USER_INTERRUPT', threshold: 0, actual: 1 },
    );
    const document = documentOf(state);
    expect(observedStages(document, document.status)[1]).toMatchObject({
      name: 'build',
      status: 'interrupted',
      endedAt: document.endedAt,
    });
  });
});
