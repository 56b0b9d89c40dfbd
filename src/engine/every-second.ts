import type { Usage } from '../core/agent/event.ts';

/** Passes on what is told at once, and then at most once a second the newest of it, if it has changed. */
export function everySecond(pass: (usage: Usage) => void): {
  readonly tell: (usage: Usage) => void;
  /** What was not passed on is not any more. */
  readonly stop: () => void;
} {
  let newest: Usage | undefined;
  let passed: Usage | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function next(): void {
    timer = undefined;
    if (newest === undefined || isSame(newest, passed)) return;
    passed = newest;
    timer = setTimeout(next, SECOND_MS);
    pass(newest);
  }

  return {
    tell(usage) {
      newest = usage;
      if (timer === undefined) next();
    },
    stop: () => clearTimeout(timer),
  };
}

const SECOND_MS = 1_000;

function isSame(one: Usage, other: Usage | undefined): boolean {
  return (
    one.input === other?.input &&
    one.output === other.output &&
    one.cacheRead === other.cacheRead &&
    one.cacheWrite === other.cacheWrite &&
    one.costMicroUsd === other.costMicroUsd
  );
}
