/**
 * A scripted model for real agents:
 *
 *     const server = await startModelServer();
 *     const model = server.session([{ write: { path: 'a.md', content: 'x' } }, { bash: 'npm test' }, { text: 'Done.' }]);
 *     const user = createAgentUser('gemini', program, model.url);
 *     … model.requests[0]?.prompt … await model.reached(2) …
 *
 * A script is a list of steps, or a function of the request: see model-server-step.ts. Steps are the same for all
 * agents; each vendor's form turns them into calls of its agent's own tools, and its errors into that vendor's.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ANTHROPIC } from './model-server-anthropic.ts';
import { type ModelForm, sendJson } from './model-server-form.ts';
import { GEMINI } from './model-server-gemini.ts';
import { OPENAI_CHAT } from './model-server-openai-chat.ts';
import { OPENAI_RESPONSES } from './model-server-openai-responses.ts';
import type { ModelRequest, ModelScript, ModelStep } from './model-server-step.ts';

export interface ModelSession {
  /** Base address for the agent: its ANTHROPIC_BASE_URL or GOOGLE_GEMINI_BASE_URL; with `/v1` one for OpenAI's forms. */
  readonly url: string;
  /** Requests that offered tools, in order; a script decided each of them. */
  readonly requests: readonly ModelRequest[];
  /** Resolves when the session has got that many such requests. */
  readonly reached: (count: number) => Promise<void>;
}

export interface ModelServer {
  readonly url: string;
  /** A conversation of its own under an address of its own. */
  readonly session: (script: ModelScript) => ModelSession;
  readonly close: () => Promise<void>;
}

interface OpenSession {
  readonly script: ModelScript;
  readonly requests: ModelRequest[];
  readonly waiting: { readonly count: number; readonly resolve: () => void }[];
}

/** Side requests, such as a title for the session, get this; they consume no step. */
const FILLER: ModelStep = {
  text: '{"title":"scripted","isNewTopic":false,"next_speaker":"user","reasoning":"scripted"}',
  usage: { input: 1, output: 1 },
};

/** By the end of an address. */
const FORMS: readonly (readonly [RegExp, ModelForm])[] = [
  [/\/messages$/, ANTHROPIC],
  [/\/responses$/, OPENAI_RESPONSES],
  [/\/chat\/completions$/, OPENAI_CHAT],
  [/:(?:generateContent|streamGenerateContent)$/, GEMINI],
];

/** A scripted model service on loopback for real agents. It speaks whatever form the address asks for. */
export async function startModelServer(): Promise<ModelServer> {
  const sessions = new Map<string, OpenSession>();
  const server = createServer((request, response) => {
    handle(sessions, request, response).catch((error: unknown) => {
      const message = `the model script failed: ${String(error)}`;
      if (response.headersSent) response.destroy();
      else sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message } });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    session(script) {
      const id = randomUUID();
      const session: OpenSession = { script, requests: [], waiting: [] };
      sessions.set(id, session);
      return {
        url: `${url}/s/${id}`,
        requests: session.requests,
        reached: (count) =>
          new Promise((resolve) => {
            session.waiting.push({ count, resolve });
            wake(session);
          }),
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handle(
  sessions: ReadonlyMap<string, OpenSession>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const address = new URL(request.url ?? '/', 'http://loopback');
  const [, id = '', path = ''] = /^\/s\/([^/]+)(\/.*)$/.exec(address.pathname) ?? [];
  const session = sessions.get(id);
  const body = await bodyOf(request);
  if (session === undefined) return sendJson(response, 404, { error: { message: 'no such session' } });
  if (path.endsWith('/messages/count_tokens')) return sendJson(response, 200, { input_tokens: 100 });
  if (path.endsWith(':countTokens')) return sendJson(response, 200, { totalTokens: 100 });
  if (path.endsWith('/models')) return sendJson(response, 200, { object: 'list', data: [], models: [] });
  const form = FORMS.find(([address]) => address.test(path))?.[1];
  if (request.method !== 'POST' || form === undefined) {
    return sendJson(response, 404, { error: { message: `not scripted: ${request.method} ${path}` } });
  }
  const read = form.read(body, path);
  if (read.tools.length === 0) return form.answer(response, read, FILLER);
  const own = form.ownStep?.(read);
  if (own !== undefined) return form.answer(response, read, own);
  const seen: ModelRequest = {
    form: form.name,
    index: session.requests.length,
    headers: request.headers,
    ...read,
  };
  session.requests.push(seen);
  wake(session);
  await perform(form, response, seen, await stepFor(session.script, seen));
}

async function stepFor(script: ModelScript, request: ModelRequest): Promise<ModelStep> {
  if (typeof script === 'function') return script(request);
  return script[Math.min(request.index, script.length - 1)] ?? { text: 'Nothing is scripted.' };
}

async function perform(
  form: ModelForm,
  response: ServerResponse,
  request: ModelRequest,
  step: ModelStep,
): Promise<void> {
  if ('status' in step) {
    const streamed = request.body['stream'] === true || request.path.endsWith(':streamGenerateContent');
    return form.fail(response, { ...step, inStream: step.inStream === true && streamed });
  }
  if ('hang' in step && step.hang === 'headers') return;
  if ('disconnect' in step && step.disconnect === 'headers') {
    response.destroy();
    return;
  }
  if ('malformed' in step) {
    const type = step.malformed === 'html' ? 'text/html' : 'text/event-stream';
    response.writeHead(200, { 'content-type': type });
    const { malformed } = step;
    response.end({ json: form.brokenEvent, html: '<html>Sign in</html>', empty: '' }[malformed]);
    return;
  }
  await form.answer(response, request, step);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  try {
    const text = decoded(bytes, request.headers['content-encoding']).toString('utf8');
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function decoded(bytes: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(bytes);
  return encoding === 'br' ? brotliDecompressSync(bytes) : bytes;
}

function wake(session: OpenSession): void {
  for (const waiter of session.waiting) if (session.requests.length >= waiter.count) waiter.resolve();
}
