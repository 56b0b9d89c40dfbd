import type { StatusStep } from './model-server-step.ts';

/** Type and code of an error as OpenAI gives them; an account without money has to be asked for by name. */
export function openAiError({ status }: StatusStep): {
  readonly type: string;
  readonly code: string | null;
  readonly param: null;
} {
  if (status === 429) return { type: 'requests', code: 'rate_limit_exceeded', param: null };
  if (status === 401) return { type: 'invalid_request_error', code: 'invalid_api_key', param: null };
  return { type: status >= 500 ? 'server_error' : 'invalid_request_error', code: null, param: null };
}
