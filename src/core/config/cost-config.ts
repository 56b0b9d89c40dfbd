import * as z from 'zod';
import type { Usage } from '../agent/event.ts';

/** US dollars per million tokens, with at most six decimals so that sums stay exact. */
const priceSchema = z.number().min(0).max(1_000_000).refine(hasSixDecimals, 'must have at most six decimals');

export const modelPriceSchema = z.strictObject({
  input: priceSchema,
  output: priceSchema,
  /** Absent: as input. */
  cacheRead: priceSchema.optional(),
  /** Absent: as input. */
  cacheWrite: priceSchema.optional(),
});

export type ModelPrice = z.infer<typeof modelPriceSchema>;

/**
 * `.claude/cost-config.json`. Prices are used only where an agent reports no cost itself. None are shipped: they
 * change faster than this program, and an unknown cost is better than a wrong one.
 */
export const costConfigSchema = z.strictObject({
  version: z.literal(1).default(1),
  /** By name of the model; a key that ends in `*` stands for every name with that beginning. */
  models: z.record(z.string().min(1), modelPriceSchema).default({}),
  /** Limit of a run in US dollars when none is given on the command line; null: none. */
  maxCostUsd: z.number().positive().nullable().default(null),
  /** Limit of a run in tokens when none is given on the command line; null: none. */
  maxTokens: z.int().positive().nullable().default(null),
});

export type CostConfig = z.infer<typeof costConfigSchema>;

/** The exact name first, then the longest matching beginning. */
export function priceOf(config: CostConfig, model: string): ModelPrice | undefined {
  if (Object.hasOwn(config.models, model)) return config.models[model];
  const patterns = Object.keys(config.models)
    .filter((key) => key.endsWith('*') && model.startsWith(key.slice(0, -1)))
    .sort((one, other) => other.length - one.length);
  return patterns[0] === undefined ? undefined : config.models[patterns[0]];
}

/** What is typed to give a model a price. */
export function setPriceCommand(model: string): string {
  const key = /^[\w.:/@-]+$/.test(model) ? `models.${model}` : `'models.${model.replaceAll("'", `'\\''`)}'`;
  return `murmur8 cost-config set ${key} '{"input": <usd>, "output": <usd>}' (per million tokens)`;
}

const PICO_PER_MICRO = 1_000_000n;

/**
 * Cost in micro-USD, rounded once and half up at the very end. Several usages are summed before that, so that many
 * small ones lose nothing.
 */
export function estimateCostMicroUsd(usage: Usage | readonly Usage[], price: ModelPrice): number {
  const usages = isList(usage) ? usage : [usage];
  const pico = usages.reduce((sum, one) => sum + costPicoUsd(one, price), 0n);
  return Number((pico + PICO_PER_MICRO / 2n) / PICO_PER_MICRO);
}

function isList(usage: Usage | readonly Usage[]): usage is readonly Usage[] {
  return Array.isArray(usage);
}

/** One US dollar per million tokens is a million pico-USD per token, so every allowed price is a whole number of them. */
function costPicoUsd(usage: Usage, price: ModelPrice): bigint {
  return (
    times(usage.input, price.input) +
    times(usage.output, price.output) +
    times(usage.cacheRead ?? 0, price.cacheRead ?? price.input) +
    times(usage.cacheWrite ?? 0, price.cacheWrite ?? price.input)
  );
}

function times(tokens: number, price: number): bigint {
  return BigInt(Math.round(tokens)) * BigInt(Math.round(price * 1_000_000));
}

function hasSixDecimals(price: number): boolean {
  return Number((Math.round(price * 1_000_000) / 1_000_000).toFixed(6)) === price;
}
