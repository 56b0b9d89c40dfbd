import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  headersOf,
  type Json,
  type ModelForm,
  messageOf,
  type ReadRequest,
  sendJson,
} from './model-server-form.ts';
import {
  type AgentTools,
  type ContentPart,
  type ModelStep,
  partsOf,
  type ToolResult,
} from './model-server-step.ts';
import { startStream } from './model-server-stream.ts';

/** The Anthropic Messages form, for Claude Code. */
export const ANTHROPIC: ModelForm = {
  name: 'anthropic',
  read,
  answer,
  fail(response, failure) {
    const { status } = failure;
    const type = ERROR_TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
    const error = { type, message: messageOf(failure), ...failure.error };
    if (failure.inStream) startStream(response).sendLast({ type: 'error', error }, 'error');
    else sendJson(response, status, { type: 'error', error }, headersOf(failure));
  },
  brokenEvent: 'event: message_start\ndata: {"type": \n\n',
};

const TOOLS: AgentTools = {
  write: ({ path, content }) => ({ name: 'Write', input: { file_path: path, content } }),
  read: (path) => ({ name: 'Read', input: { file_path: path } }),
  bash: (command, timeoutMs) => ({
    name: 'Bash',
    input: { command, description: 'scripted', ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) },
  }),
};

function read(body: Json, path: string): ReadRequest {
  const messages = (body['messages'] as Json[] | undefined) ?? [];
  const system = blocks(body['system']).map(textIn).join('\n');
  const prompts: string[] = [];
  let turn = 0;
  let toolResults: readonly ToolResult[] = [];
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
      toolResults = results.map(toolResult);
    } else if (asked.length > 0) {
      prompts.push(asked.join('\n'));
      turn = 0;
      toolResults = [];
    }
  }
  return {
    path,
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

async function answer(response: ServerResponse, request: ReadRequest, step: ModelStep): Promise<void> {
  const content = partsOf(step, request.cwd, TOOLS).map(contentBlock);
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
  const stream = startStream(response, step);
  const send = (type: string, fields: Json) => stream.send({ type, ...fields }, type);
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
    if (block['type'] === 'text') {
      for await (const text of stream.pieces(String(block['text'])))
        send('content_block_delta', { index, delta: { type: 'text_delta', text } });
    } else {
      const delta = { type: 'input_json_delta', partial_json: JSON.stringify(block['input']) };
      send('content_block_delta', { index, delta });
    }
    if (stream.endsEarly()) return;
    send('content_block_stop', { index });
  }
  send('message_delta', { delta: { stop_reason: stopReason, stop_sequence: null }, usage });
  send('message_stop', {});
  stream.end();
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

function toolResult(block: Json): ToolResult {
  const text = blocks(block['content']).map(textIn).join('\n');
  const code = /^Exit code (\d+)/.exec(text)?.[1];
  const failed = block['is_error'] === true;
  return { text, failed, ...(failed && code !== undefined ? { exitCode: Number(code) } : {}) };
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
