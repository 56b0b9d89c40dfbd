import { expect, test } from 'vitest';
import { decide } from '../../../src/core/decide/decide.ts';
import type { StageState } from '../../../src/core/run/state.ts';
import {
  aChain,
  aPipeline,
  aStage,
  begun,
  created,
  started,
  stateAfter,
  succeeds,
} from '../../rig/run-builder.ts';
import { simulate } from '../../rig/simulate.ts';

const LARGE = 10_000;
const names = Array.from({ length: LARGE }, (_, index) => `s${index}`);

/** How many stages a decision looks at, counted where it looks. */
function looksOf(state: ReturnType<typeof stateAfter>): number {
  let looks = 0;
  const counted = new (class extends Map<string, StageState> {
    override get(name: string) {
      looks += 1;
      return super.get(name);
    }
    override values() {
      looks += this.size;
      return super.values();
    }
  })(state.stages);
  Object.defineProperty(state, 'stages', { value: counted });
  decide(state, Date.parse(state.at));
  return looks;
}

test.each([10, LARGE])('a decision in a row of %i stages looks at the stages at hand only', (size) => {
  const state = stateAfter(
    created(aPipeline(aChain(...names.slice(0, size)))),
    ...succeeds('s0'),
    started('s1'),
    begun('s1'),
  );
  expect(looksOf(state)).toBeLessThan(10);
});

test('a decision over stages that are all ready looks at as many as there is room for', () => {
  const state = stateAfter(created(aPipeline(names.map((name) => aStage(name)))));
  expect(looksOf(state)).toBeLessThan(10);
});

test('a decision in a halted run of stages that are all ready looks at one of them', () => {
  const [first = 's0', ...rest] = names;
  const state = stateAfter(
    created(aPipeline([aStage(first), ...rest.map((name) => aStage(name))])),
    started(first),
    { type: 'stage.finished', stage: first, status: 'failed', code: 'STAGE_FAILED' },
  );
  expect(state.halted).toBe(true);
  expect(looksOf(state)).toBeLessThan(10);
});

test.each([
  ['one after the other', aChain(...names)],
  ['all at once', names.map((name) => aStage(name))],
])('a run of many stages, %s, comes to its end', (_name, stages) => {
  const { state } = simulate(created(aPipeline(stages, { maxParallel: 8 })), {
    world: { frames: () => 1, turn: () => 'ok' },
    choose: () => 0,
  });
  expect(state.code).toBe('ALL_STAGES_SUCCEEDED');
});
