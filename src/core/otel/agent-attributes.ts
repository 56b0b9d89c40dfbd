import type { Usage } from '../agent/event.ts';
import { NAME, providerOf, VALUE } from './names.ts';
import type { Attributes } from './span.ts';

const USD = 1_000_000;

/** What the conventions want to know of whoever is asked to work. */
export function agentAttributes(
  agent: string,
  runner: string | undefined,
  model?: string,
): Partial<Attributes> {
  return {
    [NAME.operation]: VALUE.invokeAgent,
    [NAME.agent]: agent,
    ...optional(NAME.provider, runner === undefined ? undefined : providerOf(runner)),
    ...optional(NAME.requestModel, model),
  };
}

/** What an agent used. Its input counts the cached tokens as well, as the convention has it and ours does not. */
export function usageAttributes(usage: Usage | undefined): Partial<Attributes> {
  if (usage === undefined) return {};
  const { input, output, cacheRead, cacheWrite, costMicroUsd } = usage;
  const cost = optional(NAME.cost, costMicroUsd === undefined ? undefined : inUsd(costMicroUsd));
  if (usage.tokensIncomplete === true) return cost;
  return {
    [NAME.inputTokens]: input + (cacheRead ?? 0) + (cacheWrite ?? 0),
    [NAME.outputTokens]: output,
    ...optional(NAME.cacheReadTokens, cacheRead),
    ...optional(NAME.cacheWriteTokens, cacheWrite),
    ...cost,
  };
}

/** An amount in micro-USD as it is sent. */
export function inUsd(microUsd: number): number {
  return microUsd / USD;
}

function optional(name: string, value: string | number | undefined): Partial<Attributes> {
  return value === undefined ? {} : { [name]: value };
}
