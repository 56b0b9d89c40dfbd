import { expect, test } from 'vitest';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import {
  aChain,
  aPipeline,
  begun,
  created,
  generated,
  happens,
  settings,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';

const usage = { input: 80, output: 20, costMicroUsd: 5 };
const missing: RunEventBody = {
  type: 'feedback.missing',
  stage: 'cass',
  about: 'alex',
  reason: 'it crashed',
};

test('a rating that could not be had counts with what it cost, or as one of unknown cost', () => {
  const rated = () => stateAfter(created(aPipeline(aChain('alex', 'cass'))), ...succeeds('alex'));
  const before = rated().metrics;
  expect(happens(rated(), { ...missing, usage }).metrics).toMatchObject({
    tokens: 100,
    costMicroUsd: 5,
    unknownCost: before.unknownCost,
  });
  expect(happens(rated(), missing).metrics.unknownCost).toBe(before.unknownCost + 1);
});

test('what needs no model costs nothing, which is known', () => {
  const offline = { type: 'attempt.started', stage: 'alex', frame: 0, attempt: 1, agent: 'alex' } as const;
  const state = stateAfter(
    created(aPipeline(aChain('alex')), { settings: settings({ runner: 'offline' }) }),
    started('alex'),
    { ...offline, runner: 'offline' },
    generated('alex'),
  );
  expect(state.metrics).toMatchObject({ costMicroUsd: 0, unknownCost: 0 });
});

test('of an attempt whose owner died counts what it had told, once', () => {
  const gone = { type: 'attempt.abandoned', stage: 'alex', frame: 0, attempt: 1, reason: 'gone' } as const;
  const state = stateAfter(created(aPipeline(aChain('alex'))), started('alex'), begun('alex'));
  const told = (costMicroUsd: number): RunEventBody => ({
    type: 'attempt.spent',
    stage: 'alex',
    frame: 0,
    attempt: 1,
    usage: { ...usage, costMicroUsd },
  });
  happens(state, told(3), told(5));
  expect(state.metrics).toMatchObject({ tokens: 0, costMicroUsd: 0, unknownCost: 0 });
  happens(state, { ...gone, ownerLost: true });
  expect(state.metrics).toMatchObject({ tokens: 100, costMicroUsd: 5, unknownCost: 0 });
  expect(state.stages.get('alex')?.metrics).toMatchObject({ tokens: 100, costMicroUsd: 5 });
});
