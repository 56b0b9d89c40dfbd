const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `30m`, `90s`, `1h30m`, `2d`; undefined for anything else, a bare number and 0 included (spec: pipelines 1). */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+[smhd])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+)([smhd])/g))
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  return total > 0 && Number.isSafeInteger(total) ? total : undefined;
}
