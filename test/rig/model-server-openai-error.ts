import type { StatusStep } from './model-server-step.ts';

/**
 * Type and code of an error as OpenAI gives them. What is limited by the minute says when to come back; a quota that
 * is used up does not.
 */
export function openAiError({ status, retryAfterSeconds }: StatusStep): {
  readonly type: string;
  readonly code: string | null;
  readonly param: null;
} {
  if (status === 429)
    return retryAfterSeconds === undefined
      ? { type: 'insufficient_quota', code: 'insufficient_quota', param: null }
      : { type: 'requests', code: 'rate_limit_exceeded', param: null };
  if (status === 401) return { type: 'invalid_request_error', code: 'invalid_api_key', param: null };
  return { type: status >= 500 ? 'server_error' : 'invalid_request_error', code: null, param: null };
}
