import type { Usage } from '../core/agent/event.ts';
import { budgetReached, effectiveLimits, effectiveStageLimits, type Used } from '../core/decide/limits.ts';
import type { Limits } from '../core/pipeline/definition.ts';
import type { RunState } from '../core/run/state.ts';
import { tokensOf } from '../core/run/usage.ts';

/**
 * What the agents of one run use, known while they are at work: sessions side by side share the run's limits, and those
 * of a stage its own. What was used before this process is as the journal has it; what ended stays counted.
 */
export interface Spending {
  /** Why no session of the stage may begin or go on, in words; undefined where one may. */
  readonly reached: (state: RunState, stage: string) => string | undefined;
  /** What may still be spent in micro-USD, by the run's limit and by the stage's own; undefined without either. */
  readonly remaining: (state: RunState, stage: string) => number | undefined;
  /** A session begins. `end` is called whenever it is found to be beyond a limit. */
  readonly begin: (state: RunState, stage: string, end: (why: string) => void) => Meter;
}

/** What one session uses. */
export interface Meter {
  /** All that it has used so far; a cost that is not known counts as nothing here. */
  readonly used: (usage: Usage) => void;
  /** Ends every session at work that is beyond a limit: this one, and those whose rest it took. */
  readonly check: () => void;
  /** Nobody can tell what it cost: under a limit on the cost no other one begins. `why` is what is said then. */
  readonly untold: (why: string) => void;
  /** It has ended. */
  readonly close: () => void;
}

/** The spending of one run, from its first session in this process on. */
export function createSpending(): Spending {
  const sums = new Map<string, Sum>();
  const atWork = new Map<object, () => void>();

  /** As the journal has it when it is first looked at: before any session of this process. */
  function sumOf(key: string, counted: Used | undefined): Sum {
    const known = sums.get(key);
    if (known !== undefined) return known;
    const { costMicroUsd = 0, tokens = 0 } = counted ?? {};
    const sum: Sum = { costMicroUsd, tokens, untold: undefined };
    sums.set(key, sum);
    return sum;
  }

  function scopesOf(state: RunState, stage: string): readonly Scope[] {
    const ofRun = { sum: sumOf(RUN, state.metrics), limits: effectiveLimits(state), name: '' };
    const own = sumOf(`stage ${stage}`, state.stages.get(stage)?.metrics);
    return [ofRun, { sum: own, limits: effectiveStageLimits(state, stage) ?? {}, name: `${stage}: ` }];
  }

  function reached(state: RunState, stage: string): string | undefined {
    for (const { sum, limits, name } of scopesOf(state, stage)) {
      const limit = budgetReached(sum, limits);
      if (limit !== undefined) return `${name}${limit.message}`;
      if (limits.maxCostMicroUsd !== undefined && sum.untold !== undefined) return sum.untold;
    }
    return undefined;
  }

  return {
    reached,
    remaining(state, stage) {
      const left = scopesOf(state, stage).flatMap(({ sum, limits: { maxCostMicroUsd } }) =>
        maxCostMicroUsd === undefined ? [] : [Math.max(0, maxCostMicroUsd - sum.costMicroUsd)],
      );
      return left.length === 0 ? undefined : Math.min(...left);
    },
    begin(state, stage, end) {
      const scopes = scopesOf(state, stage);
      const session = {};
      let before: Used = { costMicroUsd: 0, tokens: 0 };
      atWork.set(session, () => {
        const why = reached(state, stage);
        if (why !== undefined) end(why);
      });
      return {
        used(usage) {
          const now = { costMicroUsd: usage.costMicroUsd ?? before.costMicroUsd, tokens: tokensOf(usage) };
          for (const { sum } of scopes) {
            sum.costMicroUsd += now.costMicroUsd - before.costMicroUsd;
            sum.tokens += now.tokens - before.tokens;
          }
          before = now;
        },
        check() {
          for (const look of [...atWork.values()]) look();
        },
        untold(why) {
          for (const { sum } of scopes) sum.untold ??= why;
        },
        close: () => void atWork.delete(session),
      };
    },
  };
}

interface Sum {
  costMicroUsd: number;
  tokens: number;
  /** Why it is not the whole cost, once that is known. */
  untold: string | undefined;
}

/** Whom a limit holds for: the run, or one stage. */
interface Scope {
  readonly sum: Sum;
  readonly limits: Limits;
  /** What is said before the limit. */
  readonly name: string;
}

const RUN = 'run';
