import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RunCreated, RunEvent } from '../../src/core/run/event.ts';
import { drive, type Outside } from '../../src/engine/drive.ts';
import { aChain, aPipeline, aStage, created } from '../rig/run-builder.ts';
import { sha256 } from '../rig/simulate.ts';
import { begin, heldInMemory, standingClock } from './held-run.ts';
import { done, scriptedWork } from './scripted-work.ts';

function setUp(begun: RunCreated, options?: Parameters<typeof scriptedWork>[0]) {
  const run = heldInMemory();
  const state = begin(run, begun);
  const script = scriptedWork(options);
  const clock = standingClock();
  const published: RunEvent[] = [];
  let deliver: (message: Outside) => void = () => {};
  let listening = true;
  const end = drive({
    run,
    state,
    work: script.work,
    clock,
    digest: sha256,
    onEvents: (events) => published.push(...events),
    listen(to) {
      deliver = to;
      return () => {
        listening = false;
      };
    },
  });
  return {
    run,
    state,
    script,
    clock,
    published,
    end,
    deliver: (message: Outside) => deliver(message),
    isListening: () => listening,
    types: () => run.batches.map((batch) => batch.map((event) => event.type)),
  };
}

const one = created(aPipeline(aChain('one'), {}));
const two = created(aPipeline([aStage('one'), aStage('two')]));
const interrupt: Outside = { kind: 'stop', code: 'USER_INTERRUPT' };
const DISK_FULL = { code: 'SYS_WRITE_ERROR', message: 'no space left', file: 'journal.jsonl' };

afterEach(() => {
  vi.useRealTimers();
});

/** What was posted has been recorded: the drive waits a turn for others that end with it. */
async function settled(): Promise<void> {
  for (const _turn of [1, 2]) await new Promise((resolve) => setImmediate(resolve));
}

describe('driving a run to its end', () => {
  test('records what arises together in one write', async () => {
    const { script, end, types, published, run, isListening } = setUp(
      created(aPipeline(aChain('one', 'two'))),
    );
    for (const _stage of ['one', 'two']) {
      const attempt = await script.next();
      attempt.ends(done(attempt.work));
    }
    expect((await end).kind).toBe('ended');
    expect(types()).toEqual([
      ['stage.started', 'attempt.started'],
      ['attempt.generated'],
      ['attempt.judged', 'stage.finished', 'stage.started', 'attempt.started'],
      ['attempt.generated'],
      ['attempt.judged', 'stage.finished', 'run.finished'],
    ]);
    expect(published).toEqual(run.batches.flat());
    expect(isListening()).toBe(false);
  });

  test('writes once for all work that ends in one turn, and begins what follows together', async () => {
    const { script, end, types } = setUp(created(aPipeline([aStage('one'), aStage('two'), aStage('three')])));
    const attempts = [await script.next(), await script.next(), await script.next()];
    for (const attempt of attempts.slice(0, 2)) attempt.ends(done(attempt.work));
    await settled();
    await settled();
    expect(types().slice(1)).toEqual([
      ['attempt.generated', 'attempt.generated'],
      ['attempt.judged', 'attempt.judged', 'stage.finished', 'stage.finished'],
    ]);
    attempts[2]?.ends(done(attempts[2].work));
    expect((await end).kind).toBe('ended');
  });

  test('makes the start of an attempt durable before it begins', async () => {
    const { script, end, run } = setUp(one);
    const attempt = await script.next();
    expect(run.batches.flat().at(-1)).toMatchObject({ type: 'attempt.started', attempt: 1 });
    attempt.ends(done(attempt.work));
    await end;
  });

  test('makes durable at once what an attempt reports while it goes on', async () => {
    const { script, end, run } = setUp(one);
    const attempt = await script.next();
    attempt.reports({ type: 'session.opened', stage: 'one', frame: 0, attempt: 1, sessionId: 'session-1' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.batches.flat().at(-1)).toMatchObject({ type: 'session.opened', sessionId: 'session-1' });
    expect(attempt.signal.aborted).toBe(false);
    attempt.ends(done(attempt.work));
    await end;
    attempt.reports({ type: 'session.opened', stage: 'one', frame: 0, attempt: 1, sessionId: 'late' });
    expect(run.batches.flat().filter(({ type }) => type === 'session.opened')).toHaveLength(1);
  });

  test('keeps to a limit on attempts also when stages start together', async () => {
    const limited = { ...two, settings: { ...two.settings, limits: { maxAttempts: 1 } } };
    const { script, end, state } = setUp(limited);
    const attempt = await script.next();
    attempt.ends(done(attempt.work));
    await end;
    expect([state.code, state.metrics.attempts]).toEqual(['CIRCUIT_BREAKER', 1]);
  });

  test('looks again when a pause between attempts is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { script, end, clock, state } = setUp(one);
    const first = await script.next();
    first.ends(done(first.work, 'overloaded'));
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(9_999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(script.unasked).toEqual([]);
    expect(state.code).toBe('QUOTA_WAIT');
    clock.move(10_000);
    vi.advanceTimersByTime(1);
    const second = await script.next();
    expect(second.work).toMatchObject({ kind: 'attempt', attempt: 2 });
    second.ends(done(second.work));
    await end;
    expect(state.phase).toBe('succeeded');
  });
});

describe('a result that comes too late', () => {
  test('for an attempt that is not the running one is ignored', async () => {
    const { script, end, state, run } = setUp(one);
    const first = await script.next();
    first.ends(done(first.work, 'crashed'));
    const second = await script.next();
    second.reports(done(first.work), done(first.work, 'auth'));
    second.ends(done(second.work));
    await end;
    expect(state.phase).toBe('succeeded');
    expect(state.stages.get('one')?.frames[0]?.attempts.map(({ outcome }) => outcome)).toEqual([
      'crashed',
      'ok',
    ]);
    expect(run.batches.flat().filter(({ type }) => type === 'attempt.generated')).toHaveLength(2);
  });

  test('opens no stage that was skipped in the meantime', async () => {
    const { script, end, state } = setUp(
      created(aPipeline([aStage('fails'), aStage('late', { foreach: 'items' })])),
      { byHand: ['open', 'attempt'] },
    );
    const attempt = await script.next();
    const late = await script.next();
    attempt.ends(done(attempt.work, 'refused'));
    await settled();
    late.ends({ type: 'stage.started', stage: 'late', frames: [{ title: 'late' }] });
    expect((await end).kind).toBe('ended');
    expect([state.phase, state.stages.get('late')?.status]).toEqual(['failed', 'skipped']);
    expect(state.unfinished).toBe(0);
  });

  test.each([
    ['an answer to a question that nobody asked', { type: 'question.answered', answer: 'x' }],
    [
      'a verdict on an attempt that still runs',
      { type: 'attempt.judged', verdict: 'approved', findings: [] },
    ],
  ])('%s is ignored', async (_name, body) => {
    const { script, end, run } = setUp(one);
    const attempt = await script.next();
    attempt.reports({ stage: 'one', frame: 0, attempt: 1, ...body } as never);
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.batches.flat().map(({ type }) => type)).toEqual(['stage.started', 'attempt.started']);
    attempt.ends(done(attempt.work));
    await end;
  });
});

describe('stopping', () => {
  test('aborts what is at work, waits for it, and records its result before the stop', async () => {
    const { script, end, deliver, state, types } = setUp(two);
    const first = await script.next();
    const second = await script.next();
    deliver(interrupt);
    await settled();
    expect([first.signal.reason, second.signal.reason]).toEqual(['stop', 'stop']);
    expect(state.phase).toBe('running');
    first.ends(done(first.work, 'cancelled'));
    await settled();
    expect(state.phase).toBe('running');
    second.ends(done(second.work, 'cancelled'));
    await end;
    expect([state.phase, state.code]).toEqual(['paused', 'USER_INTERRUPT']);
    expect(types().slice(-3)).toEqual([
      ['stop.requested'],
      ['attempt.generated'],
      ['attempt.generated', 'run.stopped'],
    ]);
  });

  test('a second time is urgent; a cancellation outranks an interruption', async () => {
    const { script, end, deliver, state } = setUp(one);
    const attempt = await script.next();
    deliver(interrupt);
    deliver(interrupt);
    deliver({ kind: 'stop', code: 'USER_CANCELLED', actor: 'ann' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(attempt.signal.aborted).toBe(true);
    attempt.ends(done(attempt.work, 'cancelled'));
    await end;
    expect(state.phase).toBe('cancelled');
  });

  test('during the commit keeps the commit: the run has succeeded', async () => {
    const { script, end, deliver, state } = setUp(created(aPipeline(aChain('one'), { closing: 'commit' })), {
      byHand: ['attempt', 'close'],
    });
    const attempt = await script.next();
    attempt.ends(done(attempt.work));
    const closing = await script.next();
    deliver(interrupt);
    await new Promise((resolve) => setImmediate(resolve));
    closing.ends({
      type: 'run.closed',
      outcome: 'committed',
      commit: 'c0ffee',
      files: ['a'],
      validationPassed: true,
    });
    await end;
    expect([state.phase, state.closed?.commit]).toEqual(['succeeded', 'c0ffee']);
  });

  test('begins nothing new', async () => {
    const { script, end, deliver } = setUp(created(aPipeline(aChain('one', 'two'))));
    const attempt = await script.next();
    deliver(interrupt);
    attempt.ends(done(attempt.work));
    await end;
    expect(script.unasked).toEqual([]);
  });
});

describe('work that nobody can do now', () => {
  test('leaves the run waiting, and is not begun a second time', async () => {
    const { script, end, state } = setUp(one, { byHand: ['attempt', 'ask-question'] });
    const attempt = await script.next();
    attempt.ends({ ...done(attempt.work), question: 'which?' } as never);
    const question = await script.next();
    question.ends();
    expect((await end).kind).toBe('waiting');
    expect([state.phase, state.code]).toEqual(['waiting_approval', 'QUESTION_PENDING']);
    expect(script.unasked).toEqual([]);
  });

  test('goes on when the answer comes from outside while another stage is at work', async () => {
    const { script, end, state, deliver } = setUp(two, { byHand: ['attempt', 'ask-question'] });
    const first = await script.next();
    const second = await script.next();
    first.ends({ ...done(first.work), question: 'which?' } as never);
    const question = await script.next();
    question.ends();
    const request = { id: 'r1', actor: 'ann', at: '2026-01-05T09:00:00.000Z' };
    deliver({ kind: 'request', request: { ...request, kind: 'answer', text: 'this' } });
    const again = await script.next();
    expect(again.work).toMatchObject({ kind: 'attempt', stage: 'one', attempt: 2, answer: 'this' });
    again.ends(done(again.work));
    second.ends(done(second.work));
    await end;
    expect(state.phase).toBe('succeeded');
  });
});

describe('a world that fails', () => {
  test('ends the run with the problem as its reason, others aborted and awaited', async () => {
    const { script, end, state } = setUp(two);
    const first = await script.next();
    const second = await script.next();
    first.fails({ code: 'SYS_WRITE_ERROR', message: 'disk full', file: 'spec.md', hint: 'free space' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(second.signal.reason).toBe('failed');
    expect(state.phase).toBe('running');
    second.ends(done(second.work, 'cancelled'));
    expect((await end).kind).toBe('ended');
    expect([state.phase, state.code, state.message]).toEqual([
      'failed',
      'SYS_WRITE_ERROR',
      'spec.md: disk full (free space)',
    ]);
    expect(state.stages.get('one')?.frames[0]?.attempts[0]?.outcome).toBe('abandoned');
  });

  test('leaves a step of a rollback for later', async () => {
    const undo = { work: { kind: 'command', run: 'undo' }, timeoutMs: 1_000 } as const;
    const only = aStage('one', { retries: 0, onFailure: 'rollback', rollbackTo: 'one', rollback: undo });
    const { script, end, run, state } = setUp(created(aPipeline([only])), { byHand: ['attempt', 'undo'] });
    const attempt = await script.next();
    attempt.ends(done(attempt.work, 'refused'));
    const step = await script.next();
    expect(step.work).toMatchObject({ kind: 'undo', stage: 'one' });
    step.fails(DISK_FULL);
    expect((await end).kind).toBe('ended');
    expect(run.batches.flat().slice(-3)).toMatchObject([
      { type: 'rollback.step.finished', stage: 'one', status: 'interrupted' },
      { type: 'work.failed', code: 'SYS_WRITE_ERROR' },
      { type: 'run.finished', status: 'failed', code: 'SYS_WRITE_ERROR' },
    ]);
    expect(state.rollbacks).toMatchObject([{ status: 'running', steps: [{ status: 'pending' }] }]);
  });

  test('with a code of its own kind keeps it, with any other it is a write error', async () => {
    const { script, end, state } = setUp(one);
    const attempt = await script.next();
    attempt.fails({ code: 'outside-project', message: 'leads out of the project', file: 'a' });
    await end;
    expect(state.code).toBe('SYS_WRITE_ERROR');
  });

  test('in the journal breaks the drive: what is at work is aborted and awaited', async () => {
    const { script, end, run } = setUp(two);
    const first = await script.next();
    const second = await script.next();
    run.break(DISK_FULL);
    first.ends(done(first.work));
    await settled();
    expect(second.signal.reason).toBe('over');
    let over = false;
    void end.then(() => {
      over = true;
    });
    await settled();
    expect(over).toBe(false);
    second.ends(done(second.work, 'cancelled'));
    expect(await end).toMatchObject({ kind: 'broken', problem: DISK_FULL });
  });

  test('before anything was begun begins nothing', async () => {
    const run = heldInMemory();
    const state = begin(run, one);
    const script = scriptedWork();
    run.break(DISK_FULL);
    const end = await drive({
      run,
      state,
      work: {
        ...script.work,
        perform: (work) =>
          Promise.resolve({
            ok: true,
            value: [
              { type: 'stage.started', stage: 'stage' in work ? work.stage : '', frames: [{ title: 'x' }] },
            ],
          }),
      },
      clock: standingClock(),
      digest: sha256,
      onEvents: () => {},
      listen: () => () => {},
    });
    expect(end.kind).toBe('broken');
    expect(script.unasked).toEqual([]);
  });

  test('by a bug rejects with it, once what is at work has ended', async () => {
    const { script, end, isListening } = setUp(two);
    const first = await script.next();
    const second = await script.next();
    first.throws(new Error('a bug'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(second.signal.aborted).toBe(true);
    second.ends(done(second.work, 'cancelled'));
    await expect(end).rejects.toThrow('a bug');
    expect(isListening()).toBe(false);
  });
});
