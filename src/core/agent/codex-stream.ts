import { codexFailure, type WallClock } from './codex-failure.ts';
import { codexItemEnd, codexItemStart } from './codex-item.ts';
import type { AgentErrorReason, AgentEvent, Usage } from './event.ts';
import { type JsonRecord, numberOf, parseRecord, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';
import type { RetryTime } from './retry-time.ts';

const MAX_TEXT = 8_000;

/** What is known of a thread before it goes on. */
export interface CodexThread {
  readonly id: string;
  /** All that it had used, as it said when it last ended a turn. */
  readonly usage: Usage;
}

export interface CodexReaderOptions {
  /** Paths below it become relative. */
  readonly cwd: string;
  /** Told to nobody by the stream: what was asked for, and what was found. */
  readonly model?: string;
  readonly agentVersion?: string;
  /** The thread that is resumed: its usage is counted from its beginning, and this part was reported before. */
  readonly before?: CodexThread;
  readonly maxTurns?: number;
  /** It names the end of a limit by the clock of the machine. */
  readonly wallClock?: WallClock;
}

/** How a turn of codex ended. */
export interface CodexResult {
  readonly ok: boolean;
  readonly reason?: AgentErrorReason;
  /** HTTP status, where the message names one. */
  readonly status?: number;
  /** The last text, or the error's wording. */
  readonly text: string;
  /** Of this start alone. */
  readonly usage?: Usage;
  /** When the service will answer again, where it said so. */
  readonly retry?: RetryTime;
}

export interface CodexReader {
  /** Events of one line of `codex exec --json`. */
  readonly line: (line: string) => readonly AgentEvent[];
  /** Undefined as long as no turn ended and nothing failed for good. */
  readonly result: () => CodexResult | undefined;
  /** Whether a tool was started and has not ended yet. */
  readonly toolRunning: () => boolean;
  /** Why it has to be ended, when it has used more turns than it may: it has no such limit of its own. */
  readonly overLimit: () => { readonly reason: AgentErrorReason; readonly message: string } | undefined;
  /** The thread and all that it used, once a turn ended. */
  readonly thread: () => CodexThread | undefined;
}

/**
 * Translates the stream of codex (measured with 0.169.0) into events. Lines of unknown types become `raw`; items
 * that are for codex itself (reasoning, lists of things to do) are left out.
 */
export function createCodexReader(options: CodexReaderOptions): CodexReader {
  const running = new Map<string, string>();
  let threadId: string | undefined;
  let total: Usage | undefined;
  let text = '';
  let turns = 0;
  let completed: CodexResult | undefined;
  let failed: CodexResult | undefined;

  function events(record: JsonRecord): readonly AgentEvent[] {
    switch (record['type']) {
      case 'thread.started':
        return [started(textOf(record['thread_id']))];
      case 'turn.started':
        return [];
      case 'item.started':
      case 'item.updated':
        return itemBegun(recordOf(record['item']));
      case 'item.completed':
        return itemDone(recordOf(record['item']));
      case 'error':
        return errorEvents(textOf(record['message']) ?? '');
      case 'turn.completed':
        return turnDone(recordOf(record['usage']));
      case 'turn.failed':
        return turnFailed(textOf(recordOf(record['error'])?.['message']));
      default:
        return [{ type: 'raw', text: shorten(JSON.stringify(record), MAX_TEXT) }];
    }
  }

  function started(id: string | undefined): AgentEvent {
    threadId = id;
    return {
      type: 'started',
      ...(id === undefined ? {} : { sessionId: id }),
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.agentVersion === undefined ? {} : { agentVersion: options.agentVersion }),
    };
  }

  function itemBegun(item: JsonRecord | undefined): readonly AgentEvent[] {
    const start = codexItemStart(item, options.cwd);
    if (start === undefined || running.has(start.id)) return [];
    // What is started while another tool runs was asked for in the same answer of the model, or may have been.
    if (running.size === 0) turns += 1;
    running.set(start.id, start.name ?? '');
    return [start];
  }

  function itemDone(item: JsonRecord | undefined): readonly AgentEvent[] {
    const said = textOf(item?.['text']);
    if (item?.['type'] === 'agent_message') {
      if (said === undefined || said.trim() === '') return [];
      text = shorten(said, MAX_TEXT);
      return [{ type: 'message', text }];
    }
    // A warning, such as of a model that codex has no description of.
    if (item?.['type'] === 'error')
      return [{ type: 'raw', text: shorten(textOf(item['message']) ?? '', MAX_TEXT) }];
    const begun = itemBegun(item);
    const done = codexItemEnd(item, options.cwd);
    const id = textOf(item?.['id']);
    if (id !== undefined) running.delete(id);
    return [...begun, ...done];
  }

  /** Codex tells of every new try in the form of an error; one that is none is said again as the end of the turn. */
  function errorEvents(message: string): readonly AgentEvent[] {
    const retry = /^Reconnecting\.\.\. (\d+)\/\d+(?: \((.*)\))?$/s.exec(message);
    if (retry === null) {
      failed = { ok: false, ...codexFailure(message, options.wallClock) };
      return [];
    }
    const why = retry[2] === undefined ? undefined : codexFailure(retry[2], options.wallClock);
    const delayMs = why?.retry?.retryAfterMs;
    return [
      {
        type: 'retry',
        attempt: Number(retry[1]),
        ...(why?.status === undefined ? {} : { status: why.status }),
        ...(delayMs === undefined ? {} : { delayMs }),
        ...(why === undefined ? {} : { message: shorten(why.text, 300) }),
      },
    ];
  }

  function turnDone(counted: JsonRecord | undefined): readonly AgentEvent[] {
    total = usageOf(counted);
    const { before } = options;
    const usage =
      total !== undefined && before !== undefined && before.id === threadId
        ? difference(total, before.usage)
        : total;
    completed = { ok: true, text, ...(usage === undefined ? {} : { usage }) };
    return [
      ...(usage === undefined ? [] : [{ type: 'usage', usage } as const]),
      { type: 'result', text, turns: turns + 1 },
    ];
  }

  function turnFailed(message: string | undefined): readonly AgentEvent[] {
    const told = message === undefined ? failed : { ok: false, ...codexFailure(message, options.wallClock) };
    failed = told ?? { ok: false, reason: 'agent', text: 'the turn failed' };
    return [
      {
        type: 'error',
        reason: failed.reason ?? 'agent',
        message: failed.text,
        ...(failed.status === undefined ? {} : { status: failed.status }),
        ...failed.retry,
      },
    ];
  }

  return {
    line(line) {
      if (line.trim() === '') return [];
      const record = parseRecord(line);
      return record === undefined ? [{ type: 'raw', text: shorten(line, MAX_TEXT) }] : events(record);
    },
    result: () => completed ?? failed,
    toolRunning: () => running.size > 0,
    overLimit: () =>
      options.maxTurns === undefined || turns <= options.maxTurns
        ? undefined
        : { reason: 'turn-limit', message: `more than ${options.maxTurns} turns` },
    thread: () =>
      threadId === undefined || total === undefined ? undefined : { id: threadId, usage: total },
  };
}

/** What codex counts as input holds what came from and went into the cache. */
function usageOf(counted: JsonRecord | undefined): Usage | undefined {
  const input = numberOf(counted?.['input_tokens']);
  const output = numberOf(counted?.['output_tokens']);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = numberOf(counted?.['cached_input_tokens']) ?? 0;
  const cacheWrite = numberOf(counted?.['cache_write_input_tokens']) ?? 0;
  return { input: Math.max(0, input - cacheRead - cacheWrite), output, cacheRead, cacheWrite };
}

/** Never below zero: a thread that was made shorter may count anew. */
function difference(total: Usage, before: Usage): Usage {
  const less = (now: number | undefined, then: number | undefined) => Math.max(0, (now ?? 0) - (then ?? 0));
  return {
    input: less(total.input, before.input),
    output: less(total.output, before.output),
    cacheRead: less(total.cacheRead, before.cacheRead),
    cacheWrite: less(total.cacheWrite, before.cacheWrite),
  };
}
