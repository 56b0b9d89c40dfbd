import fc from 'fast-check';
import type { Pipeline, Stage } from '../../src/core/pipeline/definition.ts';
import { aPipeline, aStage } from './run-builder.ts';
import type { Turn, World } from './simulate.ts';

/** A pipeline without cycles, and how every attempt in it goes. */
export interface RandomRun {
  readonly pipeline: Pipeline;
  readonly world: World;
}

export interface Range {
  readonly onFailure: readonly Stage['onFailure'][];
  readonly maxParallel: readonly [number, number];
  /** What may become of an attempt; one list of turns per frame. */
  readonly turns: fc.Arbitrary<readonly Turn[]>;
  readonly reviews?: boolean;
  /** Some stages stand behind a gate. */
  readonly gates?: boolean;
  /** Every stage needs the one before it, so that no two can race. */
  readonly chain?: boolean;
  /** Frames of one stage that may be at work at a time, at most. */
  readonly frameWidth?: number;
}

/** Everybody who may have a seat at a gate. */
export const PEOPLE = ['ann', 'bob', 'cyd', 'dan'] as const;

const gate: fc.Arbitrary<Stage['approval']> = fc.option(
  fc
    .record({
      approvers: fc.subarray([...PEOPLE], { minLength: 1, maxLength: 3 }),
      share: fc.constantFrom<'all' | 'any' | 1 | 2>('all', 'any', 1, 2),
      onTimeout: fc.constantFrom('reject' as const, 'approve' as const),
      preventSelfApproval: fc.boolean(),
    })
    .map(({ approvers, share, onTimeout, preventSelfApproval }) => ({
      approvers,
      quorum: typeof share === 'number' ? Math.min(share, approvers.length) : share,
      timeoutMs: 3_600_000,
      onTimeout,
      preventSelfApproval,
    })),
  { nil: undefined },
);

const MOST_FRAMES = 4;

export function randomRun(range: Range): fc.Arbitrary<RandomRun> {
  return fc
    .integer({ min: 2, max: 12 })
    .chain((size) =>
      fc.record({
        stages: fc.tuple(...Array.from({ length: size }, (_, index) => randomStage(index, range))),
        maxParallel: fc.integer({ min: range.maxParallel[0], max: range.maxParallel[1] }),
        runners: fc.constantFrom<readonly string[]>(['scripted'], ['scripted', 'other']),
      }),
    )
    .map(({ stages, maxParallel, runners }) => {
      const byName = new Map(stages.map((entry) => [entry.stage.name, entry]));
      return {
        pipeline: aPipeline(
          stages.map((entry) => entry.stage),
          { maxParallel },
        ),
        world: {
          ...(runners.length > 1 ? { runners } : {}),
          frames: (stage) => byName.get(stage)?.turns.length ?? 1,
          turn: (stage, frame, nth) => byName.get(stage)?.turns[frame]?.[nth] ?? 'ok',
          rating: (stage) => byName.get(stage)?.rating ?? 'proceed',
        },
      };
    });
}

function randomStage(index: number, range: Range) {
  const name = `s${index}`;
  return fc
    .record({
      needs:
        range.chain === true
          ? fc.constant(index === 0 ? [] : [`s${index - 1}`])
          : fc.subarray(
              Array.from({ length: index }, (_, before) => `s${before}`),
              { maxLength: Math.min(3, index) },
            ),
      onFailure: fc.constantFrom(...range.onFailure),
      turns: fc.array(range.turns, { minLength: 1, maxLength: MOST_FRAMES }),
      approval: range.gates === true ? gate : fc.constant(undefined),
      hasUndo: fc.boolean(),
      width: fc.integer({ min: 1, max: range.frameWidth ?? 1 }),
      audited: fc.boolean(),
      target: fc.nat({ max: 9 }),
      rating: fc.constantFrom('proceed' as const, 'gate' as const, 'revise' as const, 'none' as const),
    })
    .map(({ needs, onFailure, turns, rating, approval, hasUndo, target, width, audited }) => ({
      stage: aStage(name, {
        needs,
        onFailure,
        ...(turns.length > 1 ? { foreach: 'items' } : {}),
        ...(turns.length > 1 && width > 1 ? { maxParallel: width } : {}),
        ...(range.frameWidth !== undefined && audited
          ? { audit: { work: { kind: 'command' as const, run: 'look' }, timeoutMs: 1000 } }
          : {}),
        ...(range.reviews === true && needs.length > 0 ? { reviews: needs } : {}),
        ...(approval === undefined ? {} : { approval }),
        ...(hasUndo ? { rollback: { work: { kind: 'command', run: `undo ${name}` }, timeoutMs: 1000 } } : {}),
        ...(onFailure === 'rollback'
          ? { rollbackTo: needs[target % Math.max(1, needs.length)] ?? name }
          : {}),
      }),
      turns,
      rating,
    }));
}

/** Every kind of turn, in any order: some frames fail for good. */
export const anyTurns = fc.array(
  fc.constantFrom<Turn>(
    'ok',
    'ok',
    'rejected',
    'crashed',
    'no-result',
    'timeout',
    'turn-limit',
    'overloaded',
    'unavailable',
    'quota',
    'billing',
    'auth',
    'refused',
    'question',
  ),
  { maxLength: 5 },
);

/** Fails for good at once, or at most once before it goes well: what a crash or a stop in between cannot change. */
export const steadyTurns = fc.constantFrom<readonly Turn[]>(
  [],
  [],
  ['rejected'],
  ['crashed'],
  ['no-result'],
  ['question'],
  ['quota'],
  ['overloaded'],
  ['auth', 'auth', 'auth', 'auth', 'auth', 'auth', 'auth', 'auth'],
);
