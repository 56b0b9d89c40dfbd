import type { RunState } from '../run/state.ts';
import { stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { effectiveLimits, limitReached } from './limits.ts';

/** A stop condition counts where more work would begin: what is finished is never undone by it. */
export function limitStop(state: RunState, now: number): Decision[] | undefined {
  const limit = limitReached(state, effectiveLimits(state), now);
  return limit === undefined
    ? undefined
    : [stopRun(limit.code, limit.threshold, limit.actual, limit.message)];
}
