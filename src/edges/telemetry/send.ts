import type { TelemetryConfig } from '../../core/telemetry/endpoint.ts';
import { postJson, wordsForStatus } from './post.ts';

/** `ok` is a 2xx. `error` is for people and never holds the key, the address or anything the endpoint said. */
export interface SendResult {
  readonly ok: boolean;
  /** HTTP code, where an answer came. */
  readonly status?: number;
  readonly error?: string;
}

export interface SendOptions {
  /** From the first byte out to the last one in, whatever the endpoint does. Default 10 s. */
  readonly timeoutMs?: number;
  /** How long the rest of an answer is taken in after its status line. Default 1 s. */
  readonly bodyTimeoutMs?: number;
  /** Called when the request has been handed to the system. */
  readonly onStart?: () => void;
}

/** Posts a payload. Resolves whatever happens and prints nothing (seed 004, story payload-send AC-5). */
export async function sendTelemetry(
  payload: unknown,
  config: TelemetryConfig,
  options: SendOptions = {},
): Promise<SendResult> {
  const { url, key } = config;
  const answer = await postJson({
    url: url ?? '',
    headers: key === null || key === '' ? {} : { Authorization: `Bearer ${key}` },
    body: Buffer.from(JSON.stringify(payload)),
    ...options,
  });
  if (answer.status === undefined) return { ok: false, error: answer.error };
  if (answer.status >= 200 && answer.status < 300) return { ok: true, status: answer.status };
  return { ok: false, status: answer.status, error: wordsForStatus(answer.status) };
}
