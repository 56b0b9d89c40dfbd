import type { Usage } from './event.ts';
import { type JsonRecord, numberOf, recordOf } from './json-field.ts';

/**
 * Tokens of a turn as the answer to `session/prompt` tells them: in `usage`, or (Gemini CLI) in `_meta.quota`.
 * Undefined when it does not; a cost alone is no usage, because tokens that were not told are not zero.
 */
export function acpUsage(answer: unknown, costMicroUsd: number | undefined): Usage | undefined {
  const record = recordOf(answer);
  const tokens = tokensOf(recordOf(record?.['usage'])) ?? quotaOf(recordOf(record?.['_meta']));
  if (tokens === undefined) return undefined;
  return costMicroUsd === undefined ? tokens : { ...tokens, costMicroUsd };
}

function tokensOf(usage: JsonRecord | undefined): Usage | undefined {
  const input = numberOf(usage?.['inputTokens']);
  const output = numberOf(usage?.['outputTokens']);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = numberOf(usage?.['cachedReadTokens']);
  const cacheWrite = numberOf(usage?.['cachedWriteTokens']);
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  const total = numberOf(usage?.['totalTokens']);
  // Some count what came from the cache as input too, which shows in their sum.
  const isIncluded = total !== undefined && total < input + output + cached;
  return {
    input: isIncluded ? Math.max(0, input - cached) : input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  };
}

function quotaOf(meta: JsonRecord | undefined): Usage | undefined {
  const count = recordOf(recordOf(meta?.['quota'])?.['token_count']);
  const input = numberOf(count?.['input_tokens']);
  const output = numberOf(count?.['output_tokens']);
  return input === undefined || output === undefined ? undefined : { input, output };
}
