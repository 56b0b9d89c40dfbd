import type { Usage } from './event.ts';
import { numberOf, recordOf } from './json-field.ts';

/**
 * What a session used, with the `tokens` of one more of its steps, as opencode tells them on its stream and through our
 * plugin alike. Output holds what was thought, too, as providers count it. The cost is not summed here; `before` itself
 * comes back where the step does not tell.
 */
export function withOpencodeTokens(before: Usage | undefined, step: unknown): Usage | undefined {
  const tokens = recordOf(step);
  const cache = recordOf(tokens?.['cache']);
  const input = numberOf(tokens?.['input']);
  const output = numberOf(tokens?.['output']);
  if (input === undefined || output === undefined) return before;
  return {
    input: (before?.input ?? 0) + input,
    output: (before?.output ?? 0) + output + (numberOf(tokens?.['reasoning']) ?? 0),
    cacheRead: (before?.cacheRead ?? 0) + (numberOf(cache?.['read']) ?? 0),
    cacheWrite: (before?.cacheWrite ?? 0) + (numberOf(cache?.['write']) ?? 0),
  };
}
