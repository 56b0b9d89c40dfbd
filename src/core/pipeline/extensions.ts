/** Maps whose keys are names, not keywords. */
const FREE = new Set(['variables', 'variable', 'env']);

/** Takes keys that begin with `x-` out of the document, wherever keywords stand; without recursion. */
export function withoutExtensions(document: unknown): void {
  const open = [document];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      for (const item of next) if (typeof item === 'object' && item !== null) open.push(item);
      continue;
    }
    const map = next as Record<string, unknown>;
    for (const key of Object.keys(map)) {
      if (key.startsWith('x-')) delete map[key];
      else if (!FREE.has(key) && typeof map[key] === 'object' && map[key] !== null) open.push(map[key]);
    }
  }
}
