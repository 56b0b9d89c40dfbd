import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type ContentPart, type ModelRequest, type ModelStep, partsOf } from './model-server-step.ts';

type Json = Record<string, unknown>;

/** The Anthropic Messages form of a request. */
export function readAnthropic(body: Json): Omit<ModelRequest, 'index' | 'path' | 'headers'> {
  const messages = (body['messages'] as Json[] | undefined) ?? [];
  const system = blocks(body['system']).map(textIn).join('\n');
  const prompts: string[] = [];
  let turn = 0;
  let toolResults: ModelRequest['toolResults'] = [];
  let surroundings = system;
  for (const message of messages) {
    if (message['role'] !== 'user') continue;
    const content = blocks(message['content']);
    const results = content.filter((block) => block['type'] === 'tool_result');
    const said = content.filter((block) => block['type'] === 'text').map(textIn);
    surroundings += `\n${said.join('\n')}`;
    const asked = said.filter((text) => !text.trimStart().startsWith('<system-reminder>'));
    if (results.length > 0) {
      turn += 1;
      toolResults = results.map((block) => ({
        text: blocks(block['content']).map(textIn).join('\n'),
        failed: block['is_error'] === true,
      }));
    } else if (asked.length > 0) {
      prompts.push(asked.join('\n'));
      turn = 0;
      toolResults = [];
    }
  }
  return {
    model: String(body['model'] ?? ''),
    system,
    prompt: prompts.at(-1) ?? '',
    prompts,
    turn,
    toolResults,
    tools: ((body['tools'] as Json[] | undefined) ?? []).map((tool) => String(tool['name'])),
    cwd: /working directory: (.+)/i.exec(surroundings)?.[1]?.trim() ?? '',
    body,
  };
}

/** Answers with a step's content, streamed if the request asks for it. */
export async function answerAnthropic(
  response: ServerResponse,
  request: Pick<ModelRequest, 'cwd' | 'model' | 'body'>,
  step: ModelStep,
): Promise<void> {
  const content = partsOf(step, request.cwd, { write: 'Write', bash: 'Bash' }).map(contentBlock);
  const stopReason =
    'refusal' in step
      ? 'refusal'
      : content.some((block) => block['type'] === 'tool_use')
        ? 'tool_use'
        : 'end_turn';
  const usage = {
    input_tokens: step.usage?.input ?? 100,
    output_tokens: step.usage?.output ?? 10,
    cache_read_input_tokens: step.usage?.cacheRead ?? 0,
    cache_creation_input_tokens: 0,
  };
  const message = { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model: request.model };
  if (request.body['stream'] !== true) {
    sendJson(response, 200, { ...message, content, stop_reason: stopReason, stop_sequence: null, usage });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (type: string, fields: Json) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  send('message_start', {
    message: {
      ...message,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1 },
    },
  });
  for (const [index, block] of content.entries()) {
    send('content_block_start', { index, content_block: emptied(block) });
    const delta =
      block['type'] === 'text'
        ? { type: 'text_delta', text: block['text'] }
        : { type: 'input_json_delta', partial_json: JSON.stringify(block['input']) };
    send('content_block_delta', { index, delta });
    if ('hang' in step) return;
    if ('disconnect' in step) {
      response.destroy();
      return;
    }
    send('content_block_stop', { index });
  }
  send('message_delta', { delta: { stop_reason: stopReason, stop_sequence: null }, usage });
  send('message_stop', {});
  response.end();
}

/** An error in the form of the API. */
export function failAnthropic(
  response: ServerResponse,
  status: number,
  message: string,
  retryAfterSeconds?: number,
): void {
  const type = ERROR_TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  sendJson(response, status, { type: 'error', error: { type, message } }, headers);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

function contentBlock(part: ContentPart): Json {
  return part.type === 'text'
    ? { type: 'text', text: part.text }
    : {
        type: 'tool_use',
        id: `toolu_${randomUUID().replaceAll('-', '')}`,
        name: part.name,
        input: part.input,
      };
}

function emptied(block: Json): Json {
  return block['type'] === 'text' ? { ...block, text: '' } : { ...block, input: {} };
}

/** The API allows a plain string wherever a list of blocks may stand. */
function blocks(content: unknown): Json[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? (content as Json[]) : [];
}

function textIn(block: Json): string {
  return typeof block['text'] === 'string' ? block['text'] : '';
}
