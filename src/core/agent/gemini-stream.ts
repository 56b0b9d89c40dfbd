import { errorReason } from './error-reason.ts';
import type { AgentErrorReason, AgentEvent, Usage } from './event.ts';
import { type JsonRecord, numberOf, parseRecord, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';
import { relativeTo } from './relative-path.ts';
import { isTold, type RetryTime, retryTimeIn } from './retry-time.ts';

const MAX_TEXT = 8_000;
const MAX_SUBJECT = 300;
const NOT_ALLOWED = 'this role may not do that';
const WRITING = new Set(['write_file', 'replace']);

/** What the terminal `result` line says. */
export interface GeminiResult {
  readonly ok: boolean;
  readonly reason?: AgentErrorReason;
  /** The last text, or the error's wording. */
  readonly text: string;
  readonly usage?: Usage;
  /** When the service will answer again, where it said so. */
  readonly retry?: RetryTime;
}

export interface GeminiReader {
  /** Events of one line of `--output-format stream-json`. */
  readonly line: (line: string) => readonly AgentEvent[];
  /** Events of one line of standard error: only there it tells that it asks its service again. */
  readonly errorLine: (line: string) => readonly AgentEvent[];
  readonly result: () => GeminiResult | undefined;
  readonly toolRunning: () => boolean;
  /** Set once it takes more turns than it may: its own limit is a setting of the user's home. */
  readonly overLimit: () => { readonly reason: AgentErrorReason; readonly message: string } | undefined;
}

/**
 * Translates the stream of Gemini CLI (measured with 0.61.0) into events. Paths below `cwd` become relative. What we
 * asked is repeated by it and left out; text comes in pieces and is handed out whole.
 */
export function createGeminiReader(cwd: string, maxTurns: number | undefined): GeminiReader {
  const tools = new Map<string, { readonly name: string; readonly path: string | undefined }>();
  let said = '';
  let lastText = '';
  let turns = 0;
  let denials = 0;
  let isLooping = false;
  let result: GeminiResult | undefined;
  /** The last error that it told by itself: its end then says no more than that there was one. */
  let errorSaid: string | undefined;
  /** What failed, until it is told for how long it waits. */
  let failed: { readonly attempt: number; readonly message: string } | undefined;

  function errorLine(line: string): readonly AgentEvent[] {
    const begun = /^Attempt (\d+) failed(?: with status (\d{3}))?[:.]? ?(.*)$/.exec(line);
    if (begun !== null) failed = { attempt: Number(begun[1]), message: begun[3] ?? '' };
    const delay = /Retrying after (\d+)ms/.exec(line)?.[1];
    if (failed === undefined || (delay === undefined && !line.includes('Retrying with backoff'))) return [];
    const { attempt, message } = failed;
    failed = undefined;
    return [
      {
        type: 'retry',
        attempt,
        ...(begun?.[2] === undefined ? {} : { status: Number(begun[2]) }),
        ...(delay === undefined ? {} : { delayMs: Number(delay) }),
        message: shorten(message.replace(/\.* ?Retrying (?:after|with) .*$/, ''), MAX_SUBJECT),
      },
    ];
  }

  function flush(): readonly AgentEvent[] {
    const text = said.trim();
    said = '';
    if (text === '') return [];
    lastText = shorten(text, MAX_TEXT);
    return [{ type: 'message', text: lastText }];
  }

  function events(record: JsonRecord): readonly AgentEvent[] {
    if (record['type'] === 'message') return message(record);
    const before = flush();
    switch (record['type']) {
      case 'init':
        return [...before, started(record)];
      case 'tool_use':
        return [...before, ...toolStart(record)];
      case 'tool_result':
        return [...before, ...toolEnd(record)];
      case 'error':
        return [...before, ...warning(record)];
      case 'result':
        result = resultOf(record);
        return [...before, ...resultEvents(result)];
      default:
        return [...before, { type: 'raw', text: shorten(JSON.stringify(record), MAX_TEXT) }];
    }
  }

  function message(record: JsonRecord): readonly AgentEvent[] {
    const text = textOf(record['content']) ?? '';
    if (record['role'] !== 'assistant') return [];
    const before = record['delta'] === true && said.length <= MAX_TEXT ? [] : flush();
    said += text;
    return before;
  }

  function toolStart(record: JsonRecord): readonly AgentEvent[] {
    const id = textOf(record['tool_id']);
    if (id === undefined) return [];
    // Tools of one turn are begun together.
    if (tools.size === 0) turns += 1;
    const name = textOf(record['tool_name']) ?? 'tool';
    const input = recordOf(record['parameters']);
    const path = textOf(input?.['file_path']) ?? textOf(input?.['absolute_path']) ?? textOf(input?.['path']);
    const subject =
      textOf(input?.['command']) ?? path ?? textOf(input?.['pattern']) ?? textOf(input?.['query']);
    tools.set(id, { name, path });
    return [
      {
        type: 'tool',
        phase: 'start',
        id,
        name,
        ...(subject === undefined ? {} : { subject: shorten(relativeTo(cwd, subject), MAX_SUBJECT) }),
      },
    ];
  }

  function toolEnd(record: JsonRecord): readonly AgentEvent[] {
    const id = textOf(record['tool_id']);
    if (id === undefined) return [];
    const tool = tools.get(id);
    tools.delete(id);
    const ok = record['status'] === 'success';
    const end: AgentEvent = {
      type: 'tool',
      phase: 'end',
      id,
      ok,
      ...(tool === undefined ? {} : { name: tool.name }),
    };
    if (recordOf(record['error'])?.['type'] === 'policy_violation') {
      denials += 1;
      const name = tool?.name ?? 'tool';
      return [{ type: 'permission', id, name, allowed: false, message: NOT_ALLOWED }, end];
    }
    if (!ok || tool?.path === undefined || !WRITING.has(tool.name)) return [end];
    return [end, { type: 'file', path: relativeTo(cwd, tool.path), kind: 'update' }];
  }

  function warning(record: JsonRecord): readonly AgentEvent[] {
    const text = textOf(record['message']) ?? '';
    if (record['severity'] === 'error' && text !== '') errorSaid = text;
    // It then reports success.
    if (/loop detected/i.test(text)) isLooping = true;
    return text === '' ? [] : [{ type: 'message', text: shorten(text, MAX_TEXT) }];
  }

  function resultOf(record: JsonRecord): GeminiResult {
    const usage = usageOf(recordOf(record['stats']));
    const known = usage === undefined ? {} : { usage };
    if (isLooping)
      return { ok: false, reason: 'agent', text: 'the agent repeated itself and was stopped', ...known };
    if (record['status'] === 'success') return { ok: true, text: lastText, ...known };
    const text =
      textOf(recordOf(record['error'])?.['message']) ?? errorSaid ?? 'the agent failed without a reason';
    const retry = retryTimeIn(text);
    return {
      ok: false,
      reason: WORDINGS.find(([pattern]) => pattern.test(text))?.[1] ?? errorReason(undefined, text),
      text: shorten(text, MAX_TEXT),
      ...known,
      ...(isTold(retry) ? { retry } : {}),
    };
  }

  function resultEvents({ ok, text, reason, usage, retry }: GeminiResult): readonly AgentEvent[] {
    const used: readonly AgentEvent[] = usage === undefined ? [] : [{ type: 'usage', usage }];
    if (ok) return [...used, { type: 'result', text, turns: turns + 1, denials }];
    return [...used, { type: 'error', reason: reason ?? 'agent', message: text, ...retry }];
  }

  return {
    line(line) {
      if (line.trim() === '') return [];
      const record = parseRecord(line);
      return record === undefined ? [{ type: 'raw', text: shorten(line, MAX_TEXT) }] : events(record);
    },
    errorLine,
    result: () => result,
    toolRunning: () => tools.size > 0,
    overLimit() {
      if (maxTurns === undefined || turns <= maxTurns) return undefined;
      return { reason: 'turn-limit', message: `more than ${maxTurns} turns` };
    },
  };
}

/** Its own wording; the first match counts. */
const WORDINGS: readonly (readonly [RegExp, AgentErrorReason])[] = [
  [/blocked due to|prohibited content|recitation/i, 'refused'],
  // A stream that broke off, or was cut off inside an event.
  [/API Error: (?:terminated|unexpected end of JSON|incomplete JSON)/i, 'unavailable'],
];

function started(record: JsonRecord): AgentEvent {
  const sessionId = textOf(record['session_id']);
  const model = textOf(record['model']);
  return {
    type: 'started',
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(model === undefined ? {} : { model }),
  };
}

/** `input_tokens` holds what came from the cache as well; `input` does not. It tells no cost. */
function usageOf(stats: JsonRecord | undefined): Usage | undefined {
  const input = numberOf(stats?.['input']);
  const output = numberOf(stats?.['output_tokens']);
  const cacheRead = numberOf(stats?.['cached']);
  if (input === undefined || output === undefined) return undefined;
  return { input, output, ...(cacheRead === undefined ? {} : { cacheRead }) };
}
