/** A configuration as text: one dotted key and its value per line, so that what is shown can be set. */
export function configAsText(config: Readonly<Record<string, unknown>>, path: string): string {
  const { version: _version, ...keys } = config;
  const rows = rowsOf(keys, '');
  const width = Math.max(0, ...rows.map(([key]) => key.length));
  return `${[path, ...rows.map(([key, value]) => `  ${key.padEnd(width)}  ${value}`)].join('\n')}\n`;
}

export function configAsJson(config: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

function rowsOf(value: object, prefix: string): [string, string][] {
  return Object.entries(value).flatMap(([key, inside]): [string, string][] => {
    if (inside === undefined) return [];
    const nested = typeof inside === 'object' && inside !== null && !Array.isArray(inside);
    if (nested && Object.keys(inside).length > 0) return rowsOf(inside, `${prefix}${key}.`);
    return [[`${prefix}${key}`, shown(inside)]];
  });
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(shown).join(', ') || 'none';
  if (typeof value === 'object' && value !== null) return 'none';
  return value === null ? 'none' : String(value);
}
