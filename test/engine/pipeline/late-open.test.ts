import { expect, test } from 'vitest';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import { drive } from '../../../src/engine/drive.ts';
import { aPipeline, aStage, created } from '../../rig/run-builder.ts';
import { sha256 } from '../../rig/simulate.ts';
import { begin, heldInMemory, standingClock } from '../held-run.ts';
import { scriptedWork } from '../scripted-work.ts';

const failed: RunEventBody = {
  type: 'stage.finished',
  stage: 'items',
  status: 'failed',
  code: 'OUTPUT_INVALID',
  message: 'there is no file items.json',
};

const began: RunEventBody = { type: 'stage.started', stage: 'items', frames: [{ title: 'a' }] };

test('a stage that was skipped while its items were looked for stays skipped, whatever is found', async () => {
  for (const late of [failed, began]) {
    const stages = [aStage('fails', { retries: 0 }), aStage('items', { foreach: 'items.json' })];
    const run = heldInMemory();
    const state = begin(run, created(aPipeline(stages)));
    const script = scriptedWork({ byHand: ['open', 'attempt'] });
    const end = drive({
      run,
      state,
      work: script.work,
      clock: standingClock(),
      digest: sha256,
      onEvents: () => {},
      listen: () => () => {},
    });
    const begun = [await script.next(), await script.next()];
    const [attempt, open] = ['attempt', 'open'].map((kind) => begun.find(({ work }) => work.kind === kind));
    const key = { stage: 'fails', frame: 0, attempt: 1 };
    attempt?.ends({ type: 'attempt.generated', ...key, outcome: 'failed', message: 'no' });
    for (let turn = 0; turn < 10 && state.stages.get('items')?.status === 'pending'; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(state.stages.get('items')).toMatchObject({ status: 'skipped', skip: { reason: 'RUN_HALTED' } });
    open?.ends(late);
    expect((await end).kind).toBe('ended');
    expect(state.stages.get('items')).toMatchObject({ status: 'skipped', skip: { reason: 'RUN_HALTED' } });
    expect([state.phase, state.unfinished, state.failedStage]).toEqual(['failed', 0, 'fails']);
    const ofItems = run.batches.flat().filter((event) => 'stage' in event && event.stage === 'items');
    expect(ofItems.map(({ type }) => type)).toEqual(['stage.skipped']);
  }
});
