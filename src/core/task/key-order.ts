import type { TaskPath } from './change.ts';
import { ATTEMPT_KEY_ORDER, EXECUTOR_KEY_ORDER, PLANNER_KEY_ORDER, REVIEWER_KEY_ORDER } from './execution.ts';
import { isMap } from './judge.ts';
import { META_KEY_ORDER } from './meta.ts';

/** The order of the keys of the map at a path; empty where there is none. */
export function keyOrderAt(path: TaskPath): readonly string[] {
  if (path.length === 0) return META_KEY_ORDER;
  const words = path.map((part) => (typeof part === 'number' ? '*' : part)).join('.');
  return ORDERS[words] ?? [];
}

const ORDERS: Readonly<Record<string, readonly string[]>> = {
  execution: ['attempts'],
  'execution.attempts.*': ATTEMPT_KEY_ORDER,
  'execution.attempts.*.executor': EXECUTOR_KEY_ORDER,
  'execution.attempts.*.executor.planner': PLANNER_KEY_ORDER,
  'execution.attempts.*.reviewer': REVIEWER_KEY_ORDER,
};

/** A value with its keys in the order in which they are written, unknown ones last; without undefined ones. */
export function inKeyOrder(path: TaskPath, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => inKeyOrder([...path, index], item));
  if (!isMap(value)) return value;
  const order = keyOrderAt(path);
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .toSorted(([one], [other]) => rank(one) - rank(other))
      .map(([key, item]) => [key, inKeyOrder([...path, key], item)]),
  );
}
