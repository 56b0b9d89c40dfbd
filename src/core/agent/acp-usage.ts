import type { Usage } from './event.ts';
import { type JsonRecord, numberOf, recordOf } from './json-field.ts';

/** What else is known of the turn whose usage is read. */
export interface AcpTurn {
  /** Cost of the turn, integer micro-USD; undefined where it was not told. */
  readonly costMicroUsd: number | undefined;
  /** Tokens that stood in the context at its end, as the agent says. */
  readonly contextTokens: number | undefined;
  /** Least number of requests to the model that it took. */
  readonly leastRequests: number;
  /** Sum of what single messages told; see `addMessageUsage`. */
  readonly messageUsage: Usage | undefined;
}

/**
 * What a turn used, by the answer to `session/prompt`: in `usage`, or (Gemini CLI) in `_meta.quota`. Undefined when
 * nothing is told at all. Tokens that were not told are not zero: see `tokensIncomplete`.
 */
export function acpUsage(answer: unknown, turn: AcpTurn): Usage | undefined {
  const record = recordOf(answer);
  const tokens =
    tokensOf(recordOf(record?.['usage']), turn) ?? quotaOf(recordOf(record?.['_meta'])) ?? turn.messageUsage;
  if (tokens === undefined) return costOnly(turn.costMicroUsd);
  return turn.costMicroUsd === undefined ? tokens : { ...tokens, costMicroUsd: turn.costMicroUsd };
}

/** Adds what one message says that it used, as Qwen Code does in `_meta.usage`. What it sent holds the cached tokens. */
export function addMessageUsage(sum: Usage | undefined, told: unknown): Usage | undefined {
  const usage = recordOf(told);
  const sent = numberOf(usage?.['inputTokens']) ?? numberOf(usage?.['promptTokens']);
  const output = numberOf(usage?.['outputTokens']) ?? numberOf(usage?.['completionTokens']);
  if (sent === undefined || output === undefined) return sum;
  const cached = numberOf(usage?.['cachedReadTokens']) ?? numberOf(usage?.['cachedTokens']) ?? 0;
  return {
    input: (sum?.input ?? 0) + Math.max(0, sent - cached),
    output: (sum?.output ?? 0) + output,
    cacheRead: (sum?.cacheRead ?? 0) + cached,
  };
}

/** A cost without tokens. */
function costOnly(costMicroUsd: number | undefined): Usage | undefined {
  return costMicroUsd === undefined
    ? undefined
    : { input: 0, output: 0, tokensIncomplete: true, costMicroUsd };
}

function tokensOf(usage: JsonRecord | undefined, turn: AcpTurn): Usage | undefined {
  const input = numberOf(usage?.['inputTokens']);
  const output = numberOf(usage?.['outputTokens']);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = numberOf(usage?.['cachedReadTokens']);
  const cacheWrite = numberOf(usage?.['cachedWriteTokens']);
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  // No request reads nothing: that of one that was cut off was not told.
  if (input + cached === 0) return undefined;
  const total = numberOf(usage?.['totalTokens']);
  // Some count what came from the cache as input too, which shows in their sum.
  const isIncluded = total !== undefined && total < input + output + cached;
  const read = isIncluded ? Math.max(0, input - cached) : input;
  return {
    input: read,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(isOfLastRequest(read + cached, turn) ? { tokensIncomplete: true } : {}),
  };
}

/**
 * Opencode tells the tokens of its last request as those of the turn. Each request reads the whole context, so that
 * several together read more than what stands in it at the end.
 */
function isOfLastRequest(read: number, { contextTokens, leastRequests }: AcpTurn): boolean {
  return leastRequests > 1 && contextTokens !== undefined && read <= contextTokens;
}

function quotaOf(meta: JsonRecord | undefined): Usage | undefined {
  const count = recordOf(recordOf(meta?.['quota'])?.['token_count']);
  const input = numberOf(count?.['input_tokens']);
  const output = numberOf(count?.['output_tokens']);
  return input === undefined || output === undefined || input === 0 ? undefined : { input, output };
}
