import { errorReason } from './error-reason.ts';
import type { AgentErrorReason, AgentEvent, Usage } from './event.ts';
import { type JsonRecord, numberOf, parseRecord, recordOf, textOf } from './json-field.ts';
import { OPENCODE_PLUGIN } from './opencode-plugin.ts';
import { withOpencodeTokens } from './opencode-tokens.ts';
import { shorten } from './plain-text.ts';
import { relativeTo } from './relative-path.ts';
import { isTold, type RetryTime, retryTimeIn, retryTimeOfBody, retryTimeOfHeaders } from './retry-time.ts';

const MAX_TEXT = 8_000;
const MAX_SUBJECT = 300;
/** An answer that is nothing is asked for again, for ever; so many in a row are no accident. */
const MOST_FRUITLESS = 5;
const NOT_ALLOWED = 'this role may not do that';
const WRITING = new Set(['write', 'edit', 'multiedit', 'patch']);

/** How the session stands after its last line: there is no line that ends it. */
export interface OpencodeResult {
  readonly ok: boolean;
  readonly reason?: AgentErrorReason;
  readonly text: string;
  readonly usage?: Usage;
  /** When the service will answer again, where it said so. */
  readonly retry?: RetryTime;
}

export interface OpencodeReader {
  /** Events of one line of `--format json`, or of the plugin's. */
  readonly line: (line: string) => readonly AgentEvent[];
  readonly result: () => OpencodeResult | undefined;
  /** Whether a tool was begun and has not ended yet, as the plugin tells it. */
  readonly toolRunning: () => boolean;
  /** Set once it takes more steps than it may, or goes round in a circle without an answer. */
  readonly overLimit: () => { readonly reason: AgentErrorReason; readonly message: string } | undefined;
}

export interface OpencodeReaderOptions {
  readonly cwd: string;
  /** It does not tell which one it uses. */
  readonly model: string | undefined;
  readonly maxTurns: number | undefined;
  readonly maxCostMicroUsd: number | undefined;
}

/**
 * Translates the lines of opencode (measured with 1.18.33) into events. Paths below `cwd` become relative. Tokens and
 * cost come with each step and are summed.
 */
export function createOpencodeReader({
  cwd,
  model,
  maxTurns,
  maxCostMicroUsd,
}: OpencodeReaderOptions): OpencodeReader {
  let sessionId: string | undefined;
  let usage: Usage | undefined;
  /** Dollars; undefined once a step did not tell. */
  let cost: number | undefined = 0;
  let lastText = '';
  let stepReason: string | undefined;
  let error: Pick<OpencodeResult, 'reason' | 'text' | 'retry'> | undefined;
  const running = new Set<string>();
  let steps = 0;
  let fruitless = 0;
  let hasFruit = false;

  function events(record: JsonRecord): readonly AgentEvent[] {
    const part = recordOf(record['part']) ?? {};
    const before = started(record);
    switch (record['type']) {
      case 'step_start':
        hasFruit = false;
        stepReason = undefined;
        return before;
      case 'text':
        return [...before, ...said(part)];
      case 'reasoning':
        return before;
      case 'tool_use':
        return [...before, ...tool(part)];
      case 'step_finish':
        return [...before, ...finished(part)];
      case 'error':
        return [...before, failed(recordOf(record['error']))];
      case OPENCODE_PLUGIN:
        return [...before, ...told(record)];
      default:
        return [...before, { type: 'raw', text: shorten(JSON.stringify(record), MAX_TEXT) }];
    }
  }

  function started(record: JsonRecord): readonly AgentEvent[] {
    const id = textOf(record['sessionID']);
    if (id === undefined || sessionId !== undefined) return [];
    sessionId = id;
    return [{ type: 'started', sessionId: id, ...(model === undefined ? {} : { model }) }];
  }

  function said(part: JsonRecord): readonly AgentEvent[] {
    const text = (textOf(part['text']) ?? '').trim();
    if (text === '') return [];
    hasFruit = true;
    lastText = shorten(text, MAX_TEXT);
    return [{ type: 'message', text: lastText }];
  }

  /** What the program itself tells nobody before its step is over. */
  function told(record: JsonRecord): readonly AgentEvent[] {
    const begun = recordOf(record['tool']);
    if (begun !== undefined) {
      const begin = toolStart(begun, recordOf(begun['input']));
      running.add(begin.id);
      return [begin];
    }
    const retry = recordOf(record['retry']);
    if (retry === undefined) return [];
    const attempt = numberOf(retry['attempt']);
    const delay = numberOf(retry['delayMs']);
    return [
      {
        type: 'retry',
        ...(attempt === undefined ? {} : { attempt }),
        ...(delay === undefined ? {} : { delayMs: Math.max(0, Math.round(delay)) }),
        message: shorten(textOf(retry['message']) ?? '', MAX_SUBJECT),
      },
    ];
  }

  function toolStart(
    part: JsonRecord,
    input: JsonRecord | undefined,
  ): AgentEvent & { readonly type: 'tool' } {
    const subject =
      textOf(input?.['command']) ??
      textOf(input?.['filePath']) ??
      textOf(input?.['pattern']) ??
      textOf(input?.['url']);
    return {
      type: 'tool',
      phase: 'start',
      id: textOf(part['callID']) ?? '',
      name: textOf(part['tool']) ?? 'tool',
      ...(subject === undefined ? {} : { subject: shorten(relativeTo(cwd, subject), MAX_SUBJECT) }),
    };
  }

  function tool(part: JsonRecord): readonly AgentEvent[] {
    hasFruit = true;
    const state = recordOf(part['state']);
    const input = recordOf(state?.['input']);
    const path = textOf(input?.['filePath']);
    const ok = state?.['status'] === 'completed';
    const first = toolStart(part, input);
    const { id, name = '' } = first;
    const begin: readonly AgentEvent[] = running.delete(id) ? [] : [first];
    const end: AgentEvent = { type: 'tool', phase: 'end', id, name, ok };
    if (/rule which prevents|rejected permission/i.test(textOf(state?.['error']) ?? ''))
      return [...begin, { type: 'permission', id, name, allowed: false, message: NOT_ALLOWED }, end];
    if (!ok || path === undefined || !WRITING.has(name)) return [...begin, end];
    const isNew = recordOf(state?.['metadata'])?.['exists'] === false;
    return [...begin, end, { type: 'file', path: relativeTo(cwd, path), kind: isNew ? 'create' : 'update' }];
  }

  function finished(part: JsonRecord): readonly AgentEvent[] {
    steps += 1;
    fruitless = hasFruit ? 0 : fruitless + 1;
    stepReason = textOf(part['reason']);
    const stepCost = numberOf(part['cost']);
    cost = cost === undefined || stepCost === undefined ? undefined : cost + stepCost;
    const tokens = withOpencodeTokens(usage, part['tokens']);
    const costMicroUsd = cost === undefined ? undefined : Math.round(cost * 1_000_000);
    if (tokens !== undefined) usage = { ...tokens, ...(costMicroUsd === undefined ? {} : { costMicroUsd }) };
    return [
      ...(tokens === undefined || usage === undefined ? [] : [{ type: 'usage', usage } as const]),
      // What was done is done, whatever it took.
      ...(stepReason === 'stop' ? [{ type: 'result', text: lastText, turns: steps } as const] : []),
    ];
  }

  function failed(failure: JsonRecord | undefined): AgentEvent {
    const data = recordOf(failure?.['data']);
    const name = textOf(failure?.['name']) ?? '';
    const message = shorten(textOf(data?.['message']) ?? (name || 'the agent failed'), MAX_TEXT);
    const status = numberOf(data?.['statusCode']);
    const body = textOf(data?.['responseBody']) ?? '';
    const reason = NAMED[name] ?? errorReason(status, message, body);
    const retry = [
      retryTimeOfHeaders(recordOf(data?.['responseHeaders'])),
      retryTimeOfBody(parseRecord(body) ?? body),
      retryTimeIn(message),
    ].find(isTold);
    error = { reason, text: message, ...(retry === undefined ? {} : { retry }) };
    return { type: 'error', reason, message, ...(status === undefined ? {} : { status }), ...retry };
  }

  function result(): OpencodeResult | undefined {
    const known = usage === undefined ? {} : { usage };
    if (error !== undefined) return { ok: false, ...error, ...known };
    if (stepReason === undefined) return undefined;
    if (stepReason === 'stop') return { ok: true, text: lastText, ...known };
    const [reason, text] = ENDINGS[stepReason] ?? ['agent', `the agent ended in the middle (${stepReason})`];
    return { ok: false, reason, text, ...known };
  }

  return {
    line(line) {
      if (line.trim() === '') return [];
      const record = parseRecord(line);
      return record === undefined ? [{ type: 'raw', text: shorten(line, MAX_TEXT) }] : events(record);
    },
    result,
    toolRunning: () => running.size > 0,
    overLimit() {
      if (fruitless >= MOST_FRUITLESS)
        return { reason: 'unavailable', message: `the model answered nothing ${fruitless} times in a row` };
      const isDone = stepReason === 'stop';
      if (!isDone && maxCostMicroUsd !== undefined && (usage?.costMicroUsd ?? 0) > maxCostMicroUsd)
        return { reason: 'budget', message: 'it cost more than was left to be spent' };
      if (maxTurns === undefined || steps <= maxTurns) return undefined;
      return { reason: 'turn-limit', message: `more than ${maxTurns} turns` };
    },
  };
}

/** Errors that have a name of their own. */
const NAMED: Readonly<Record<string, AgentErrorReason>> = {
  ProviderAuthError: 'auth',
  ContextOverflowError: 'context',
  MessageOutputLengthError: 'context',
  ContentFilterError: 'refused',
};

/** What the last step ended with, where that is no success. */
const ENDINGS: Readonly<Record<string, readonly [AgentErrorReason, string]>> = {
  length: ['context', 'the answer of the model was cut off'],
  'content-filter': ['refused', 'the model refused to answer'],
  'tool-calls': ['agent', 'the agent ended in the middle: a tool was not allowed'],
  unknown: ['unavailable', 'the model gave no usable answer'],
};
