import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { endpointKind } from '../../core/telemetry/endpoint.ts';

export interface Post {
  readonly url: string;
  /** Besides those that every post of JSON has. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** From the first byte out to the last one in, whatever the endpoint does. Default 10 s. */
  readonly timeoutMs?: number;
  /** How long the rest of an answer is taken in after its status line. Default 1 s. */
  readonly bodyTimeoutMs?: number;
  /** Called when the request has been handed to the system. */
  readonly onStart?: () => void;
}

/** `error` is for people and never holds the address, a header or anything the endpoint said. */
export type PostAnswer =
  | { readonly status: number; readonly retryAfter?: string; readonly error?: never }
  | { readonly error: string; readonly status?: never };

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_BODY_TIMEOUT_MS = 1_000;
const MOST_BODY_BYTES = 64 * 1024;

/**
 * Posts JSON. Resolves whatever happens and prints nothing.
 *
 * The status line decides; the rest of the answer is taken in only to end the connection well, up to 64 kB and one
 * second. A redirect is never followed, not even on the same host: what is sent goes exactly where the user said. A
 * certificate that does not verify is a failure, also where the environment switches the check off.
 */
export function postJson(post: Post): Promise<PostAnswer> {
  return new Promise((resolve) => {
    if (endpointKind(post.url) === 'malformed') return resolve({ error: 'the URL is malformed' });
    let request: ClientRequest;
    try {
      request = open(post);
    } catch (error) {
      return resolve({ error: wordsForRefusal(error) });
    }
    let answer: PostAnswer | undefined;
    let timer = setTimeout(() => settle('no answer in time'), post.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    request.on('response', (response: IncomingMessage) => {
      answer = answerOf(response);
      clearTimeout(timer);
      timer = setTimeout(() => settle(), post.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS);
      discard(response, () => settle());
    });
    request.on('error', (error) => settle(wordsFor(error)));
    request.on('close', () => settle('the connection was closed before an answer came'));
    request.end(post.body);
    post.onStart?.();

    function settle(failure?: string): void {
      clearTimeout(timer);
      request.destroy();
      resolve(answer ?? { error: failure ?? 'no answer' });
    }
  });
}

/** What a status other than 2xx means, for people. */
export function wordsForStatus(status: number): string {
  if (status >= 300 && status < 400) {
    return 'the endpoint redirects, which is not followed; set the final address';
  }
  return STATUS_WORDS[status] ?? 'the endpoint refused the payload';
}

function open(post: Post): ClientRequest {
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(post.body.length),
      'User-Agent': 'murmur8',
      Connection: 'close',
      ...post.headers,
    },
    agent: false,
    rejectUnauthorized: true,
  };
  const address = new URL(post.url);
  return address.protocol === 'https:' ? httpsRequest(address, options) : httpRequest(address, options);
}

function answerOf(response: IncomingMessage): PostAnswer {
  const retryAfter = response.headers['retry-after'];
  return { status: response.statusCode ?? 0, ...(retryAfter === undefined ? {} : { retryAfter }) };
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
