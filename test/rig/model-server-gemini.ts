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
import {
  type AgentTools,
  type ContentPart,
  type ModelStep,
  partsOf,
  type StatusStep,
  type StepUsage,
  type ToolResult,
} from './model-server-step.ts';
import { startStream } from './model-server-stream.ts';

/** The form of Gemini's generateContent and streamGenerateContent, for the Gemini CLI. */
export const GEMINI: ModelForm = {
  name: 'gemini',
  read,
  answer,
  fail(response, failure) {
    const { status } = failure;
    const error = {
      code: status,
      message: messageOf(failure),
      status: STATUS_NAMES[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'),
      ...detailsOf(failure),
      ...failure.error,
    };
    // In a stream the service puts it as it is, and not as an event.
    sendJson(response, failure.inStream ? 200 : status, { error }, headersOf(failure));
  },
  brokenEvent: 'data: {"candidates": \n\n',
};

const STATUS_NAMES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** When to come back stands in the error itself. */
function detailsOf({ retryAfterSeconds }: StatusStep): Json {
  if (retryAfterSeconds === undefined) return {};
  const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterSeconds}s` };
  return { details: [retry] };
}

const TOOLS: AgentTools = {
  write: ({ path, content }) => ({ name: 'write_file', input: { file_path: path, content } }),
  read: (path) => ({ name: 'read_file', input: { file_path: path } }),
  bash: (command) => ({ name: 'run_shell_command', input: { command, description: 'scripted' } }),
};

function read(body: Json, path: string): ReadRequest {
  const conversation = createConversation();
  let surroundings = '';
  for (const content of (body['contents'] as Json[] | undefined) ?? []) {
    if (content['role'] !== 'user') continue;
    const parts = partsIn(content);
    const results = parts.flatMap((part) => {
      const result = part['functionResponse'] as Json | undefined;
      return result === undefined ? [] : [toolResult(result['response'] as Json)];
    });
    const texts = textsIn(content);
    surroundings += `\n${texts.join('\n')}`;
    const asked = texts.filter((text) => !isAddedByAgent(text));
    if (results.length > 0) conversation.answered(results);
    else if (asked.length > 0) conversation.asked(asked.join('\n'));
  }
  const system = textsIn((body['systemInstruction'] as Json | undefined) ?? {}).join('\n');
  return {
    path,
    model: /\/models\/([^/:]+):/.exec(path)?.[1] ?? '',
    system,
    ...conversation.read(),
    tools: ((body['tools'] as Json[] | undefined) ?? []).flatMap((tool) =>
      ((tool['functionDeclarations'] as Json[] | undefined) ?? []).map((each) => String(each['name'])),
    ),
    cwd: /\*\*Workspace Directories:\*\*\n\s*- (.+)/.exec(surroundings)?.[1]?.trim() ?? '',
    body,
  };
}

/** Without the frame that the CLI puts around the output of a command. */
function toolResult(response: Json): ToolResult {
  if (typeof response['error'] === 'string') return { text: response['error'], failed: true };
  const text = typeof response['output'] === 'string' ? response['output'] : JSON.stringify(response);
  const framed = /^<untrusted_context>\nOutput: ([\s\S]*?)\n(?:[\w ]+: .*\n)*<\/untrusted_context>$/.exec(
    text,
  );
  if (framed === null) return { text, failed: false };
  const exitCode = Number(/^Exit Code: (\d+)$/m.exec(text)?.[1] ?? 0);
  return { text: framed[1] ?? '', failed: exitCode !== 0, exitCode };
}

async function answer(response: ServerResponse, request: ReadRequest, step: ModelStep): Promise<void> {
  // What is blocked comes without any text.
  const refused = 'refusal' in step;
  const parts = refused ? [] : partsOf(step, request.cwd, TOOLS).map(contentPart);
  const finishReason = refused ? 'SAFETY' : 'STOP';
  const about = { modelVersion: request.model, responseId: randomUUID() };
  const chunk = (more: readonly Json[], reason?: string): Json => ({
    candidates: [
      { content: { role: 'model', parts: more }, index: 0, ...(reason && { finishReason: reason }) },
    ],
    ...about,
  });
  const usageMetadata = usageOf(step.usage);
  if (!request.path.endsWith(':streamGenerateContent')) {
    sendJson(response, 200, { ...chunk(parts, finishReason), usageMetadata });
    return;
  }
  const stream = startStream(response, step);
  for (const part of parts) {
    if (typeof part['text'] === 'string')
      for await (const text of stream.pieces(part['text'])) stream.send(chunk([{ text }]));
    else stream.send(chunk([part]));
    if (stream.endsEarly()) return;
  }
  stream.send({ ...chunk(refused ? [] : [{ text: '' }], finishReason), usageMetadata });
  stream.end();
}

function contentPart(part: ContentPart): Json {
  if (part.type === 'text') return { text: part.text };
  return { functionCall: { id: `call_${randomUUID()}`, name: part.name, args: part.input } };
}

/** Google counts what came from the cache as input, too. */
function usageOf({ input, output, cacheRead = 0 }: StepUsage = { input: 100, output: 10 }): Json {
  return {
    promptTokenCount: input + cacheRead,
    cachedContentTokenCount: cacheRead,
    candidatesTokenCount: output,
    totalTokenCount: input + cacheRead + output,
  };
}

function partsIn(content: Json): readonly Json[] {
  return (content['parts'] as Json[] | undefined) ?? [];
}

function textsIn(content: Json): readonly string[] {
  return partsIn(content).flatMap((part) => (typeof part['text'] === 'string' ? [part['text']] : []));
}
