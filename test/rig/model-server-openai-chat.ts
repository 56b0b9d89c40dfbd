import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  createConversation,
  headersOf,
  isAddedByAgent,
  type Json,
  type ModelForm,
  messageOf,
  type ReadRequest,
  sendJson,
} from './model-server-form.ts';
import { openAiError } from './model-server-openai-error.ts';
import {
  type AgentTools,
  type ContentPart,
  type ModelStep,
  partsOf,
  type StepUsage,
  type ToolResult,
} from './model-server-step.ts';
import { startStream } from './model-server-stream.ts';

/** The form of OpenAI's chat completions, for opencode. */
export const OPENAI_CHAT: ModelForm = {
  name: 'openai-chat',
  read,
  answer,
  fail(response, failure) {
    const error = { message: messageOf(failure), ...openAiError(failure), ...failure.error };
    if (failure.inStream) startStream(response).sendLast({ error });
    else sendJson(response, failure.status, { error }, headersOf(failure));
  },
  brokenEvent: 'data: {"id": \n\n',
};

const TOOLS: AgentTools = {
  write: ({ path, content }) => ({ name: 'write', input: { filePath: path, content } }),
  read: (path) => ({ name: 'read', input: { filePath: path } }),
  bash: (command, timeoutMs) => ({
    name: 'bash',
    input: { command, description: 'scripted', ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) },
  }),
};

function read(body: Json, path: string): ReadRequest {
  const conversation = createConversation();
  const system: string[] = [];
  const called = new Map<string, string>();
  let results: ToolResult[] = [];
  const closeRound = (): void => {
    if (results.length > 0) conversation.answered(results);
    results = [];
  };
  for (const message of (body['messages'] as Json[] | undefined) ?? []) {
    const texts = textsIn(message['content']);
    if (message['role'] === 'tool') {
      results.push(toolResult(called.get(String(message['tool_call_id'])), texts.join('\n')));
      continue;
    }
    closeRound();
    if (message['role'] === 'system') system.push(...texts);
    for (const call of (message['tool_calls'] as Json[] | undefined) ?? [])
      called.set(String(call['id']), String((call['function'] as Json)['name']));
    const asked = message['role'] === 'user' ? texts.filter((text) => !isAddedByAgent(text)) : [];
    if (asked.length > 0) conversation.asked(asked.join('\n'));
  }
  closeRound();
  return {
    path,
    model: String(body['model'] ?? ''),
    system: system.join('\n'),
    ...conversation.read(),
    tools: ((body['tools'] as Json[] | undefined) ?? []).map((tool) =>
      String((tool['function'] as Json)['name']),
    ),
    cwd: /working directory: (.+)/i.exec(system.join('\n'))?.[1]?.trim() ?? '',
    body,
  };
}

/**
 * The form has no mark for a failure, and opencode gives the exit code of a command to no model: what a tool that
 * did its work begins with has to tell. A file that was read comes without opencode's frame and line numbers.
 */
function toolResult(tool: string | undefined, text: string): ToolResult {
  if (tool === 'write') return { text, failed: !text.startsWith('Wrote file') };
  if (tool === 'edit') return { text, failed: !text.startsWith('Edit applied') };
  if (tool === 'read') {
    const shown = /<content>\n([\s\S]*?)\n\n\(/.exec(text)?.[1];
    if (shown === undefined) return { text, failed: !text.startsWith('<') };
    return { text: `${shown.replace(/^ *\d+: /gm, '')}\n`, failed: false };
  }
  return { text, failed: tool === 'invalid' || DENIED.test(text) };
}

const DENIED = /^The user (?:has specified a rule|rejected permission)/;

async function answer(response: ServerResponse, request: ReadRequest, step: ModelStep): Promise<void> {
  const parts = partsOf(step, request.cwd, TOOLS);
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  const calls = parts.flatMap((part) => (part.type === 'call' ? [toolCall(part)] : []));
  const finish = 'refusal' in step ? 'content_filter' : calls.length > 0 ? 'tool_calls' : 'stop';
  const about = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
  };
  const usage = usageOf(step.usage);
  if (request.body['stream'] !== true) {
    const message = {
      role: 'assistant',
      content: text === '' ? null : text,
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    const choices = [{ index: 0, message, finish_reason: finish }];
    return sendJson(response, 200, { ...about, object: 'chat.completion', choices, usage });
  }
  const stream = startStream(response, step);
  const chunk = (choices: readonly Json[], more: Json = {}): void =>
    stream.send({ ...about, object: 'chat.completion.chunk', choices, ...more });
  const delta = (fields: Json, reason: string | null = null): void =>
    chunk([{ index: 0, delta: fields, finish_reason: reason }]);
  delta({ role: 'assistant', content: '' });
  if (text !== '') for await (const content of stream.pieces(text)) delta({ content });
  for (const [index, call] of calls.entries()) delta({ tool_calls: [{ index, ...call }] });
  if (stream.endsEarly()) return;
  delta({}, finish);
  chunk([], { usage });
  stream.send('[DONE]');
  stream.end();
}

function toolCall(part: ContentPart & { readonly type: 'call' }): Json {
  return {
    id: `call_${randomUUID()}`,
    type: 'function',
    function: { name: part.name, arguments: JSON.stringify(part.input) },
  };
}

/** OpenAI counts what came from the cache as input, too. */
function usageOf({ input, output, cacheRead = 0 }: StepUsage = { input: 100, output: 10 }): Json {
  return {
    prompt_tokens: input + cacheRead,
    completion_tokens: output,
    total_tokens: input + cacheRead + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
  };
}

/** A plain text may stand wherever a list of parts may. */
function textsIn(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content];
  return ((content as Json[] | null | undefined) ?? []).flatMap((part) =>
    typeof part['text'] === 'string' ? [part['text']] : [],
  );
}
