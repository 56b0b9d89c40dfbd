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
import { type ScriptedStream, startStream } from './model-server-stream.ts';

/** The OpenAI Responses form, for codex. */
export const OPENAI_RESPONSES: ModelForm = {
  name: 'openai-responses',
  read,
  /** Codex hands a command back that runs for longer; like a model, this waits for it. */
  ownStep(request) {
    const last = ((request.body['input'] as Json[] | undefined) ?? []).at(-1);
    const running = RUNNING.exec(textOf(last?.['output']))?.[1];
    if (running === undefined) return undefined;
    const input = { session_id: Number(running), chars: '', yield_time_ms: YIELD_MS };
    return { tool: 'write_stdin', input, usage: { input: 0, output: 0 } };
  },
  answer,
  fail(response, failure) {
    const error = { message: messageOf(failure), ...openAiError(failure), ...failure.error };
    if (!failure.inStream) return sendJson(response, failure.status, { error }, headersOf(failure));
    const failed = { id: `resp_${randomUUID()}`, object: 'response', status: 'failed', output: [], error };
    const event = { type: 'response.failed', sequence_number: 0, response: failed };
    startStream(response).sendLast(event, event.type);
  },
  brokenEvent: 'event: response.created\ndata: {"type": \n\n',
};

const RUNNING = /^Process running with session ID (\d+)$/m;
/** As long as codex allows. */
const YIELD_MS = 30_000;

/** Codex has no tool that reads; it writes by patch, through a tool of its own or through the shell. */
function toolsOf(offered: readonly string[]): AgentTools {
  const bash = (command: string) => ({
    name: 'exec_command',
    input: { cmd: command, yield_time_ms: YIELD_MS },
  });
  return {
    bash,
    read: (path) => bash(`cat ${quotedWord(path)}`),
    write(file) {
      const patch = patchOf(file.path, file.content);
      if (offered.includes('apply_patch')) return { name: 'apply_patch', input: patch };
      return bash(`apply_patch <<'END_OF_PATCH'\n${patch}END_OF_PATCH\n`);
    },
  };
}

/** Adding also replaces a file that is there; the text always ends with a line end. */
function patchOf(path: string, content: string): string {
  const lines = content.replace(/\n$/, '').split('\n');
  return `*** Begin Patch\n*** Add File: ${path}\n${lines.map((line) => `+${line}\n`).join('')}*** End Patch\n`;
}

function quotedWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function read(body: Json, path: string): ReadRequest {
  const items = (body['input'] as Json[] | undefined) ?? [];
  const conversation = createConversation();
  const system = [String(body['instructions'] ?? '')];
  let surroundings = '';
  let calls: string[] = [];
  let results: ToolResult[] = [];
  // The results of one round stand together, behind all of its calls.
  const closeRound = (): void => {
    if (results.length === 0) return;
    if (calls.every((name) => name === 'write_stdin')) conversation.wentOn(results);
    else conversation.answered(results);
    calls = [];
    results = [];
  };
  for (const item of items) {
    const type = String(item['type']);
    if (type.endsWith('_output')) {
      results.push(toolResult(textOf(item['output'])));
      continue;
    }
    closeRound();
    if (type.endsWith('_call')) calls.push(String(item['name']));
    if (type !== 'message') continue;
    const texts = partTexts(item['content']);
    if (item['role'] === 'developer' || item['role'] === 'system') system.push(...texts);
    if (item['role'] !== 'user') continue;
    surroundings += `\n${texts.join('\n')}`;
    const asked = texts.filter((text) => !isAddedByAgent(text) && !/^# AGENTS\.md instructions/.test(text));
    if (asked.length > 0) conversation.asked(asked.join('\n'));
  }
  closeRound();
  const tools = ((body['tools'] as Json[] | undefined) ?? []).map((tool) =>
    String(tool['name'] ?? tool['type']),
  );
  return {
    path,
    model: String(body['model'] ?? ''),
    system: system.filter((text) => text !== '').join('\n'),
    ...conversation.read(),
    tools,
    cwd: /<cwd>([^<]+)<\/cwd>/.exec(surroundings)?.[1] ?? '',
    body,
  };
}

/** Without the lines in which codex tells of a command. */
function toolResult(text: string): ToolResult {
  const code = /^(?:Process exited with code|Exit code:) (\d+)$/m.exec(text)?.[1];
  const output = text.slice(text.lastIndexOf('\nOutput:\n') + (text.includes('\nOutput:\n') ? 9 : 0));
  if (code !== undefined) return { text: output, failed: code !== '0', exitCode: Number(code) };
  const running = RUNNING.test(text);
  return { text: running ? output : text, failed: !running && !text.startsWith('Wall time:') };
}

async function answer(response: ServerResponse, request: ReadRequest, step: ModelStep): Promise<void> {
  const output = partsOf(step, request.cwd, toolsOf(request.tools)).map(outputItem);
  const base = {
    id: `resp_${randomUUID()}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model: request.model,
    error: null,
  };
  const refused = 'refusal' in step;
  const whole = {
    ...base,
    status: refused ? 'incomplete' : 'completed',
    ...(refused ? { incomplete_details: { reason: 'content_filter' } } : {}),
    output,
    usage: usageOf(step.usage),
  };
  if (request.body['stream'] !== true) return sendJson(response, 200, whole);
  const stream = startStream(response, step);
  let sequence = 0;
  const send = (type: string, fields: Json): void => {
    stream.send({ type, sequence_number: sequence, ...fields }, type);
    sequence += 1;
  };
  send('response.created', { response: { ...base, status: 'in_progress', output: [] } });
  for (const [index, item] of output.entries()) {
    await sendContent(stream, send, index, item);
    if (stream.endsEarly()) return;
    send('response.output_item.done', { output_index: index, item });
  }
  send(refused ? 'response.incomplete' : 'response.completed', { response: whole });
  stream.end();
}

async function sendContent(
  stream: ScriptedStream,
  send: (type: string, fields: Json) => void,
  index: number,
  item: Json,
): Promise<void> {
  const place = { item_id: item['id'], output_index: index };
  const begun = { ...item, status: 'in_progress' };
  if (item['type'] === 'message') {
    const [text = ''] = partTexts(item['content']);
    send('response.output_item.added', { output_index: index, item: { ...begun, content: [] } });
    const part = { type: 'output_text', text: '', annotations: [] };
    send('response.content_part.added', { ...place, content_index: 0, part });
    for await (const delta of stream.pieces(text))
      send('response.output_text.delta', { ...place, content_index: 0, delta });
  } else if (item['type'] === 'function_call') {
    send('response.output_item.added', { output_index: index, item: { ...begun, arguments: '' } });
    send('response.function_call_arguments.delta', { ...place, delta: item['arguments'] });
    send('response.function_call_arguments.done', { ...place, arguments: item['arguments'] });
  } else {
    send('response.output_item.added', { output_index: index, item: { ...begun, input: '' } });
    send('response.custom_tool_call_input.delta', { ...place, delta: item['input'] });
  }
}

function outputItem(part: ContentPart): Json {
  if (part.type === 'text') {
    const content = [{ type: 'output_text', text: part.text, annotations: [] }];
    return { type: 'message', id: `msg_${randomUUID()}`, role: 'assistant', status: 'completed', content };
  }
  const call = { call_id: `call_${randomUUID()}`, name: part.name, status: 'completed' };
  return typeof part.input === 'string'
    ? { type: 'custom_tool_call', id: `ctc_${randomUUID()}`, ...call, input: part.input }
    : { type: 'function_call', id: `fc_${randomUUID()}`, ...call, arguments: JSON.stringify(part.input) };
}

/** OpenAI counts what came from the cache as input, too. */
function usageOf({ input, output, cacheRead = 0 }: StepUsage = { input: 100, output: 10 }): Json {
  return {
    input_tokens: input + cacheRead,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + cacheRead + output,
  };
}

/** A plain text may stand wherever a list of parts may. */
function partTexts(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  return ((content as Json[] | undefined) ?? []).flatMap((part) =>
    typeof part['text'] === 'string' ? [part['text']] : [],
  );
}

function textOf(content: unknown): string {
  return partTexts(content).join('\n');
}
