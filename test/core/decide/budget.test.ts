import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import { effectiveStageLimits, givenStageTimeout } from '../../../src/core/decide/limits.ts';
import type { Limits, Stage } from '../../../src/core/pipeline/definition.ts';
import type { RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import {
  aPipeline,
  aStage,
  begun,
  created,
  generated,
  happens,
  settings,
  started,
  stateAfter,
} from '../../rig/run-builder.ts';

const usage = { input: 400, output: 100, costMicroUsd: 50_000 };
const byAgent = { work: { kind: 'agent', agent: 'reviewer' }, timeoutMs: 1_000 } as const;
const byCommand = { work: { kind: 'command', run: 'true' }, timeoutMs: 1_000 } as const;

/** A stage whose only attempt is done, and has used up what the run or the stage may use. */
function generatedBeyond(limits: Limits, different: Partial<Stage> = {}): RunState {
  const stage = aStage('draw', { audit: byAgent, ...different });
  return stateAfter(
    created(aPipeline([stage], { limits })),
    started('draw'),
    begun('draw'),
    generated('draw', { usage }),
  );
}

const first = (state: RunState) => decide(state, Date.parse(state.at))[0];
const JUDGES = { do: 'perform', work: { kind: 'judge', stage: 'draw' } };

describe('a check', () => {
  test.each<[string, Limits, Partial<Stage>, object]>([
    ['cost', { maxCostMicroUsd: 50_000 }, {}, { threshold: 0.05, actual: 0.05 }],
    ['tokens', { maxTokens: 300 }, {}, { threshold: 300, actual: 500 }],
    ['tokens of the stage', {}, { limits: { maxTokens: 300 } }, { threshold: 300, actual: 500 }],
  ])('by an agent is not paid for once the budget is used up: %s', (_, limits, different, figures) => {
    expect(first(generatedBeyond(limits, different))).toMatchObject({
      event: { type: 'run.stopped', code: 'BUDGET_EXCEEDED', ...figures },
    });
  });

  test('by an agent is made where something else is used up, for an attempt may come to its end', () => {
    expect(first(generatedBeyond({ maxAttempts: 1 }))).toMatchObject(JUDGES);
  });

  test('that costs nothing is made all the same', () => {
    expect(first(generatedBeyond({ maxTokens: 300 }, { audit: byCommand }))).toMatchObject(JUDGES);
  });
});

describe('a limit of a stage', () => {
  const given = (stageLimits: Readonly<Record<string, Limits>>, own?: Limits, ofRun: Limits = {}) => {
    const stage = aStage('draw', own === undefined ? {} : { limits: own });
    return stateAfter(created(aPipeline([stage]), { settings: settings({ limits: ofRun, stageLimits }) }));
  };

  test('that this run was given goes before that of its definition, and before the run’s own', () => {
    const own = { maxTokens: 10, maxCostMicroUsd: 10 };
    const limits = (state: RunState) => effectiveStageLimits(state, 'draw');
    expect(limits(given({ draw: { maxTokens: 30 } }, own))).toEqual({ maxTokens: 30, maxCostMicroUsd: 10 });
    expect(limits(given({ draw: { maxTokens: 30 } }, own, { maxTokens: 20, maxCostMicroUsd: 20 }))).toEqual({
      maxTokens: 30,
      maxCostMicroUsd: 20,
    });
    expect(limits(given({ draw: { maxTokens: 30 } }))).toEqual({ maxTokens: 30 });
    expect(limits(given({ other: { maxTokens: 30 } }))).toBeUndefined();
    expect(effectiveStageLimits(given({}), 'constructor')).toBeUndefined();
  });

  test('stops what would begin in it', () => {
    const state = happens(
      given({ draw: { maxTokens: 300 } }),
      started('draw'),
      begun('draw'),
      generated('draw', { outcome: 'crashed', usage }),
    );
    expect(first(state)).toMatchObject({
      event: { type: 'run.stopped', code: 'BUDGET_EXCEEDED', message: 'draw: tokens: 500 of at most 300' },
    });
  });

  test('on the time of an attempt goes before that of all stages', () => {
    const state = stateAfter(
      created(aPipeline([aStage('draw')]), {
        settings: settings({ stageTimeoutMs: 5, stageTimeouts: { draw: 7 } }),
      }),
    );
    expect([givenStageTimeout(state, 'draw'), givenStageTimeout(state, 'toString')]).toEqual([7, 5]);
  });
});

describe('an agent that ended because its budget was spent', () => {
  const spent = (limits: Limits, told: Partial<Extract<RunEventBody, { type: 'audit.failed' }>>): RunState =>
    happens(
      stateAfter(created(aPipeline([aStage('draw', { audit: byAgent })], { limits })), started('draw')),
      begun('draw'),
      generated('draw'),
      { type: 'audit.failed', stage: 'draw', frame: 0, attempt: 1, outcome: 'budget', ...told },
    );

  test('stops the run with what it was given, and what it cost', () => {
    expect(first(spent({ maxCostMicroUsd: 100 }, { usage }))).toMatchObject({
      event: { type: 'run.stopped', code: 'BUDGET_EXCEEDED', threshold: 0.0001, actual: 0.05 },
    });
  });

  test('has cost at least what it was given, where nobody knows how much', () => {
    expect(first(spent({ maxCostMicroUsd: 100 }, {}))).toMatchObject({
      event: { type: 'run.stopped', code: 'BUDGET_EXCEEDED', threshold: 0.0001, actual: 0.0001 },
    });
  });
});
