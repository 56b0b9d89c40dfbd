import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { endpointKind, type TelemetryConfig } from '../../core/telemetry/endpoint.ts';

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

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_BODY_TIMEOUT_MS = 1_000;
const MOST_BODY_BYTES = 64 * 1024;

/**
 * Posts a payload. Resolves whatever happens and prints nothing (seed 004, story payload-send AC-5).
 *
 * The status line decides; the rest of the answer is taken in only to end the connection well, up to 64 kB and one
 * second. A redirect is never followed, not even on the same host: the key and the artifacts go exactly where the
 * user said. A certificate that does not verify is a failure, also where the environment switches the check off.
 */
export function sendTelemetry(
  payload: unknown,
  config: TelemetryConfig,
  options: SendOptions = {},
): Promise<SendResult> {
  return new Promise((resolve) => {
    const url = config.url ?? '';
    if (endpointKind(url) === 'malformed') return resolve({ ok: false, error: 'the URL is malformed' });
    const body = Buffer.from(JSON.stringify(payload));
    let request: ClientRequest;
    try {
      request = open(url, headersFor(body, config.key));
    } catch (error) {
      return resolve({ ok: false, error: wordsForRefusal(error) });
    }
    let status: number | undefined;
    let timer = setTimeout(() => settle('no answer in time'), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    request.on('response', (response: IncomingMessage) => {
      status = response.statusCode;
      clearTimeout(timer);
      timer = setTimeout(() => settle(), options.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS);
      discard(response, () => settle());
    });
    request.on('error', (error) => settle(wordsFor(error)));
    request.on('close', () => settle('the connection was closed before an answer came'));
    request.end(body);
    options.onStart?.();

    function settle(failure?: string): void {
      clearTimeout(timer);
      request.destroy();
      resolve(status === undefined ? { ok: false, error: failure ?? 'no answer' } : answered(status));
    }
  });
}

function open(url: string, headers: Record<string, string>): ClientRequest {
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    method: 'POST',
    headers,
    agent: false,
    rejectUnauthorized: true,
  };
  const address = new URL(url);
  return address.protocol === 'https:' ? httpsRequest(address, options) : httpRequest(address, options);
}

function headersFor(body: Buffer, key: string | null): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    'User-Agent': 'murmur8',
    Connection: 'close',
    ...(key === null || key === '' ? {} : { Authorization: `Bearer ${key}` }),
  };
}

/** Reads an answer's body to a bound and drops it. */
function discard(response: IncomingMessage, done: () => void): void {
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) done();
  });
  response.on('end', done);
  response.on('error', done);
  response.on('close', done);
}

function answered(status: number): SendResult {
  if (status >= 200 && status < 300) return { ok: true, status };
  if (status >= 300 && status < 400) {
    return {
      ok: false,
      status,
      error: 'the endpoint redirects, which is not followed; set the final address',
    };
  }
  return { ok: false, status, error: STATUS_WORDS[status] ?? 'the endpoint refused the payload' };
}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  401: 'the endpoint does not accept the key',
  403: 'the key does not allow this',
  404: 'there is nothing at this address',
  413: 'the payload is too large for the endpoint',
  429: 'the endpoint is asked too often',
  500: 'the endpoint failed',
  502: 'the endpoint failed',
  503: 'the endpoint is not available',
};

const CONNECTION_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this address',
  ECONNRESET: 'the connection was closed before an answer came',
  EPIPE: 'the connection was closed before an answer came',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

/** Only the code of an error is passed on: its text may quote the address. */
function wordsFor(error: NodeJS.ErrnoException): string {
  const code = /^[A-Z0-9_]{1,60}$/.test(error.code ?? '') ? error.code : undefined;
  if (code === undefined) return 'the connection failed';
  const known = CONNECTION_WORDS[code];
  if (known !== undefined) return `${known} (${code})`;
  const certificate = /CERT|SIGNATURE|ISSUER/.test(code);
  return `${certificate ? 'the certificate is not trusted' : 'the connection failed'} (${code})`;
}

function wordsForRefusal(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_INVALID_CHAR'
    ? 'the key holds a character that no header may carry'
    : 'the URL is malformed';
}
