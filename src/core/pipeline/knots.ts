/** Stages that reach each other, put together. */
interface Knots {
  /** Stages that reach each other; a knot comes after the ones that it reaches. */
  readonly list: readonly (readonly number[])[];
  /** Number of a stage's knot. */
  readonly of: Int32Array;
}

/** Tarjan's strongly connected components, with a stack of its own. */
export function knotsOf(edges: readonly (readonly number[])[]): Knots {
  const of = new Int32Array(edges.length).fill(-1);
  const seen = new Int32Array(edges.length).fill(-1);
  const low = new Int32Array(edges.length);
  const next = new Int32Array(edges.length);
  const waiting: number[] = [];
  const list: number[][] = [];
  let count = 0;
  for (let start = 0; start < edges.length; start += 1) {
    if ((seen[start] ?? 0) >= 0) continue;
    const path = [start];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      if ((seen[at] ?? 0) < 0) {
        seen[at] = low[at] = count;
        count += 1;
        waiting.push(at);
      }
      const to = edges[at]?.[next[at] ?? 0];
      next[at] = (next[at] ?? 0) + 1;
      if (to !== undefined) {
        if ((seen[to] ?? 0) < 0) path.push(to);
        else if ((of[to] ?? 0) < 0) low[at] = Math.min(low[at] ?? 0, seen[to] ?? 0);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) low[above] = Math.min(low[above] ?? 0, low[at] ?? 0);
      if (low[at] !== seen[at]) continue;
      const knot = waiting.splice(waiting.lastIndexOf(at));
      for (const index of knot) of[index] = list.length;
      list.push(knot);
    }
  }
  return { list, of };
}
