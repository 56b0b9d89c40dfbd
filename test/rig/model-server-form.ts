import type { ServerResponse } from 'node:http';
import type { FormName, ModelRequest, ModelStep, StatusStep, ToolResult } from './model-server-step.ts';

export type Json = Record<string, unknown>;

/** What a request says of itself; the server adds where it stands in its session. */
export type ReadRequest = Omit<ModelRequest, 'index' | 'headers' | 'form'>;

/** One vendor's way to put requests and answers. */
export interface ModelForm {
  readonly name: FormName;
  /** `path` is below the session's address. */
  readonly read: (body: Json, path: string) => ReadRequest;
  /** A step that the form takes by itself because a model would, too; it is not of the script. */
  readonly ownStep?: (request: ReadRequest) => ModelStep | undefined;
  /** Answers with a step's content, streamed if the request asks for it. */
  readonly answer: (response: ServerResponse, request: ReadRequest, step: ModelStep) => Promise<void>;
  readonly fail: (response: ServerResponse, failure: StatusStep) => void;
  /** A stream that breaks off inside its first event. */
  readonly brokenEvent: string;
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

/** Headers of a failure. */
export function headersOf({ retryAfterSeconds, headers }: StatusStep): Record<string, string> {
  return {
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...headers,
  };
}

/** What a step failed with, unless it says so itself. */
export function messageOf(failure: StatusStep): string {
  return failure.message ?? `scripted ${failure.status}`;
}

/** Folds the messages of a request, oldest first, into what a script wants to know. */
export interface Conversation {
  asked(text: string): void;
  /** The results of one round of tools. */
  answered(results: readonly ToolResult[]): void;
  /** More output of the commands of the last round. */
  wentOn(results: readonly ToolResult[]): void;
  read(): Pick<ModelRequest, 'prompt' | 'prompts' | 'turn' | 'toolResults'>;
}

export function createConversation(): Conversation {
  const prompts: string[] = [];
  let turn = 0;
  let toolResults: readonly ToolResult[] = [];
  return {
    asked(text) {
      prompts.push(text);
      turn = 0;
      toolResults = [];
    },
    answered(results) {
      turn += 1;
      toolResults = results;
    },
    wentOn(results) {
      const before = toolResults.map((result) => result.text).join('\n');
      toolResults = results.map((result) => ({ ...result, text: before + result.text }));
    },
    read: () => ({ prompt: prompts.at(-1) ?? '', prompts, turn, toolResults }),
  };
}

/** Whether an agent added this to what it was asked: all of it stands within one tag, such as `<cwd>…</cwd>`. */
export function isAddedByAgent(text: string): boolean {
  return /^\s*<([a-z][\w-]*)[^>]*>[\s\S]*<\/\1>\s*$/.test(text);
}
