/** What a scripted model answers to one request, free of any vendor's wire form. */
export type ModelStep = (
  | { readonly text: string }
  /** Files written by the agent's own tool; relative paths are below its working directory. */
  | { readonly write: FileToWrite | readonly FileToWrite[]; readonly say?: string }
  | { readonly bash: string; readonly say?: string; readonly timeoutMs?: number }
  /** Any tool by the name under which the agent offers it. */
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>>; readonly say?: string }
  | { readonly refusal: string }
  | { readonly status: number; readonly message?: string; readonly retryAfterSeconds?: number }
  /** Never answers: before the headers, or after the first part of the stream. */
  | { readonly hang: 'headers' | 'stream' }
  | { readonly disconnect: 'headers' | 'stream' }
  | { readonly malformed: 'json' | 'html' | 'empty' }
) & { readonly usage?: StepUsage };

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
  readonly toolResults: readonly { readonly text: string; readonly failed: boolean }[];
  readonly tools: readonly string[];
  /** Where the agent says that it works. */
  readonly cwd: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Steps in turn, one per request that offers tools, the last one for ever; or a function of the request. */
export type ModelScript = readonly ModelStep[] | ((request: ModelRequest) => ModelStep | Promise<ModelStep>);

export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly name: string; readonly input: Readonly<Record<string, unknown>> };

/** A step that answers with content, in parts. `names` are the agent's own names for the common tools. */
export function partsOf(
  step: ModelStep,
  cwd: string,
  names: { readonly write: string; readonly bash: string },
): readonly ContentPart[] {
  if ('text' in step) return [{ type: 'text', text: step.text }];
  if ('refusal' in step) return [{ type: 'text', text: step.refusal }];
  const said: ContentPart[] = 'say' in step && step.say ? [{ type: 'text', text: step.say }] : [];
  if ('write' in step) {
    const files = 'path' in step.write ? [step.write] : step.write;
    return said.concat(
      files.map(({ path, content }) => ({
        type: 'call',
        name: names.write,
        input: { file_path: path.startsWith('/') ? path : `${cwd}/${path}`, content },
      })),
    );
  }
  if ('bash' in step) {
    const timeout = step.timeoutMs === undefined ? {} : { timeout: step.timeoutMs };
    return [
      ...said,
      { type: 'call', name: names.bash, input: { command: step.bash, description: 'scripted', ...timeout } },
    ];
  }
  if ('tool' in step) return [...said, { type: 'call', name: step.tool, input: step.input }];
  return [{ type: 'text', text: 'Thinking' }];
}
