import { expect, test } from 'vitest';
import { createStatusBoard } from '../../src/compose/status-board.ts';
import type { Problem } from '../../src/core/problem.ts';
import { fail, ok } from '../../src/core/result.ts';
import { apply, replay } from '../../src/core/run/apply.ts';
import type { RunEventBody } from '../../src/core/run/event.ts';
import type { StatusDocument } from '../../src/core/status/document.ts';
import { aPipeline, aStage, created, envelopes } from '../rig/run-builder.ts';

const frame = { stage: 'only', frame: 0 };

function history(attempts: number): RunEventBody[] {
  const events: RunEventBody[] = [{ type: 'stage.started', stage: 'only', frames: [{ title: 'only' }] }];
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    events.push({ type: 'attempt.started', ...frame, attempt, agent: 'shell', runner: 'command' });
    events.push({ type: 'attempt.generated', ...frame, attempt, outcome: 'ok' });
    events.push({ type: 'attempt.judged', ...frame, attempt, verdict: 'rejected', findings: ['no'] });
  }
  return events;
}

function board(before: StatusDocument['status_history'] = []) {
  const [first, ...rest] = envelopes([
    created(aPipeline([aStage('only', { retries: 20 })])),
    { type: 'segment.started', previousRunId: null },
    ...history(12),
  ]);
  if (first === undefined) throw new Error('no events');
  const state = replay([first]);
  if (state === undefined) throw new Error('no state');
  const written: StatusDocument[] = [];
  const warnings: Problem[] = [];
  let isFull = false;
  const made = createStatusBoard(
    {
      snapshot(document) {
        if (isFull) return fail({ code: 'SYS_WRITE_ERROR', message: 'the disk is full' });
        written.push(structuredClone(document) as StatusDocument);
        return ok(undefined);
      },
    },
    state,
    before,
    (problem) => warnings.push(problem),
  );
  return {
    written,
    warnings,
    setFull(value: boolean) {
      isFull = value;
    },
    events: rest,
    next() {
      const event = rest.shift();
      if (event === undefined) throw new Error('no more events');
      apply(state, event);
      made.changed();
    },
  };
}

test('every change of a run is written, with no two of them in one document', () => {
  const { written, events, next } = board();
  const times = events.map((event) => event.at);
  while (events.length > 0) next();
  expect(written.map((document) => document.status.timestamp)).toEqual(times);
});

test('the last twenty statuses are kept, those of an earlier owner first', () => {
  const before = Array.from({ length: 18 }, (_, index) => ({
    timestamp: `2026-01-04T09:00:${10 + index}.000Z`,
    status: 'in-progress',
    reason_code: 'GENERATING',
  }));
  const { written, events, next } = board(before);
  next();
  next();
  next();
  const third = written.at(-1)?.status_history ?? [];
  expect(third).toHaveLength(20);
  expect(third.slice(0, 17)).toEqual(before.slice(1));
  expect(third.at(-1)).toMatchObject({ reason_code: 'GENERATING' });
  while (events.length > 0) next();
  const last = written.at(-1)?.status_history ?? [];
  expect(last).toHaveLength(20);
  expect(last.some(({ timestamp }) => timestamp.startsWith('2026-01-04'))).toBe(false);
  expect(last.map(({ timestamp }) => timestamp)).toEqual(
    written.slice(-20).map((document) => document.status.timestamp),
  );
});

test('a disk that stays full is said once, and again when it fills up a second time', () => {
  const { written, warnings, next, setFull } = board();
  next();
  setFull(true);
  next();
  next();
  expect(warnings.map(({ code }) => code)).toEqual(['SYS_WRITE_ERROR']);
  setFull(false);
  next();
  // What could not be shown in the meantime stands in the history of the next document.
  expect(written.at(-1)?.status_history).toHaveLength(4);
  setFull(true);
  next();
  expect(warnings).toHaveLength(2);
});
