/** The forms that the server speaks: one for each agent. */
export type FormName = 'anthropic' | 'openai-responses' | 'openai-chat' | 'gemini';

/** What a scripted model answers to one request, free of any vendor's wire form. */
export type ModelStep = (
  | { readonly text: string }
  /** Files written by the agent's own tool; relative paths are below its working directory. */
  | { readonly write: FileToWrite | readonly FileToWrite[]; readonly say?: string }
  /** A file read by the agent's own tool, or by its shell where it has none. */
  | { readonly read: string; readonly say?: string }
  | { readonly bash: string; readonly say?: string; readonly timeoutMs?: number }
  /** Any tool by the name under which the agent offers it. */
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>>; readonly say?: string }
  | { readonly refusal: string }
  | StatusStep
  /** Never answers: before the headers, or after the first part of the stream. */
  | { readonly hang: 'headers' | 'stream' }
  | { readonly disconnect: 'headers' | 'stream' }
  | { readonly malformed: 'json' | 'html' | 'empty' }
) & {
  readonly usage?: StepUsage;
  /** Text comes in this many pieces with a pause after each; without it, in one. */
  readonly slow?: { readonly pieces: number; readonly pauseMs: number };
};

/** An error, in the vendor's own form. */
export interface StatusStep {
  readonly status: number;
  readonly message?: string;
  /** A header, and besides that whatever else the vendor says it with. */
  readonly retryAfterSeconds?: number;
  /** The service seemed to answer, and then this came as an event of its stream. */
  readonly inStream?: boolean;
  /** Fields of the vendor's error object that differ, such as `{ code: 'context_length_exceeded' }`. */
  readonly error?: Readonly<Record<string, unknown>>;
  /** Of the answer, besides those that the form has anyway. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FileToWrite {
  readonly path: string;
  readonly content: string;
}

export interface StepUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
}

/** A request of an agent, as a script sees it. */
export interface ModelRequest {
  readonly form: FormName;
  /** Of all requests of the session that offer tools, from zero. */
  readonly index: number;
  /** Path below the session's address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly model: string;
  readonly system: string;
  /** What the agent was asked last, without what the agent program adds around it. */
  readonly prompt: string;
  /** Every such text of the conversation, oldest first. */
  readonly prompts: readonly string[];
  /** Number of tool rounds since `prompt`: zero is the first request after it. */
  readonly turn: number;
  /** Results of the tools of the last round. */
  readonly toolResults: readonly ToolResult[];
  readonly tools: readonly string[];
  /** Where the agent says that it works. */
  readonly cwd: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ToolResult {
  /** What came out. Claude Code's own lines, such as `Exit code 1`, are in it; those of the others are not. */
  readonly text: string;
  readonly failed: boolean;
  /** Of a command, if the agent tells it: without one, `failed` means that the tool did not do what was asked. */
  readonly exitCode?: number;
}

/** Steps in turn, one per request that offers tools, the last one for ever; or a function of the request. */
export type ModelScript = readonly ModelStep[] | ((request: ModelRequest) => ModelStep | Promise<ModelStep>);

export type ContentPart = { readonly type: 'text'; readonly text: string } | ToolCall;

export interface ToolCall {
  readonly type: 'call';
  readonly name: string;
  /** A text for tools that take one instead of fields. */
  readonly input: Readonly<Record<string, unknown>> | string;
}

/** How a step becomes a call of the agent's own tools; paths are absolute. */
export interface AgentTools {
  readonly write: (file: FileToWrite) => Omit<ToolCall, 'type'>;
  readonly read: (path: string) => Omit<ToolCall, 'type'>;
  readonly bash: (command: string, timeoutMs: number | undefined) => Omit<ToolCall, 'type'>;
}

/** A step that answers with content, in parts. */
export function partsOf(step: ModelStep, cwd: string, tools: AgentTools): readonly ContentPart[] {
  if ('text' in step) return [{ type: 'text', text: step.text }];
  if ('refusal' in step) return [{ type: 'text', text: step.refusal }];
  const said: ContentPart[] = 'say' in step && step.say ? [{ type: 'text', text: step.say }] : [];
  const absolute = (path: string): string => (path.startsWith('/') ? path : `${cwd}/${path}`);
  if ('write' in step) {
    const files = 'path' in step.write ? [step.write] : step.write;
    return said.concat(
      files.map(({ path, content }) => ({
        type: 'call',
        ...tools.write({ path: absolute(path), content }),
      })),
    );
  }
  if ('read' in step) return [...said, { type: 'call', ...tools.read(absolute(step.read)) }];
  if ('bash' in step) return [...said, { type: 'call', ...tools.bash(step.bash, step.timeoutMs) }];
  if ('tool' in step) return [...said, { type: 'call', name: step.tool, input: step.input }];
  return [{ type: 'text', text: 'Thinking' }];
}
