import type { TaskPath } from './change.ts';

/** A value with the one at a path replaced or added. */
export function withValue(value: unknown, path: TaskPath, next: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return next;
  if (Array.isArray(value) && typeof first === 'number') {
    const copy = [...value];
    copy[first] = withValue(value[first], rest, next);
    return copy;
  }
  const map = mapOf(value);
  return { ...map, [first]: withValue(Object.hasOwn(map, first) ? map[first] : undefined, rest, next) };
}

/** A value without the one at a path. */
export function withoutValue(value: unknown, path: TaskPath): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  if (rest.length > 0) {
    const inside = Array.isArray(value) ? value[Number(first)] : mapOf(value)[first];
    return withValue(value, [first], withoutValue(inside, rest));
  }
  if (Array.isArray(value)) return value.filter((_, index) => index !== first);
  return Object.fromEntries(Object.entries(mapOf(value)).filter(([key]) => key !== String(first)));
}

/** Whether two values say the same; the order of keys does not matter. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (one === other || Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const ones = Object.entries(one).filter(([, item]) => item !== undefined);
  const others = new Map(Object.entries(other).filter(([, item]) => item !== undefined));
  return (
    ones.length === others.size &&
    ones.every(([key, item]) => others.has(key) && sameValue(item, others.get(key)))
  );
}

function mapOf(value: unknown): Record<string | number, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
