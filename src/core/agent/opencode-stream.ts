import { errorReason } from './error-reason.ts';
import type { AgentErrorReason, AgentEvent, Usage } from './event.ts';
import { type JsonRecord, numberOf, parseRecord, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';
import { relativeTo } from './relative-path.ts';

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
}

export interface OpencodeReader {
  /** Events of one line of `--format json`. */
  readonly line: (line: string) => readonly AgentEvent[];
  readonly result: () => OpencodeResult | undefined;
  /** A tool is told of only once it has ended. */
  readonly toolRunning: () => false;
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
  let error: { readonly reason: AgentErrorReason; readonly message: string } | undefined;
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

  function tool(part: JsonRecord): readonly AgentEvent[] {
    hasFruit = true;
    const id = textOf(part['callID']) ?? '';
    const name = textOf(part['tool']) ?? 'tool';
    const state = recordOf(part['state']);
    const input = recordOf(state?.['input']);
    const path = textOf(input?.['filePath']);
    const subject =
      textOf(input?.['command']) ?? path ?? textOf(input?.['pattern']) ?? textOf(input?.['url']);
    const ok = state?.['status'] === 'completed';
    const begin: AgentEvent = {
      type: 'tool',
      phase: 'start',
      id,
      name,
      ...(subject === undefined ? {} : { subject: shorten(relativeTo(cwd, subject), MAX_SUBJECT) }),
    };
    const end: AgentEvent = { type: 'tool', phase: 'end', id, name, ok };
    if (/rule which prevents|rejected permission/i.test(textOf(state?.['error']) ?? ''))
      return [begin, { type: 'permission', id, name, allowed: false, message: NOT_ALLOWED }, end];
    if (!ok || path === undefined || !WRITING.has(name)) return [begin, end];
    const isNew = recordOf(state?.['metadata'])?.['exists'] === false;
    return [begin, end, { type: 'file', path: relativeTo(cwd, path), kind: isNew ? 'create' : 'update' }];
  }

  function finished(part: JsonRecord): readonly AgentEvent[] {
    steps += 1;
    fruitless = hasFruit ? 0 : fruitless + 1;
    stepReason = textOf(part['reason']);
    const stepCost = numberOf(part['cost']);
    cost = cost === undefined || stepCost === undefined ? undefined : cost + stepCost;
    const tokens = sum(usage, recordOf(part['tokens']));
    if (tokens === undefined) return [];
    const costMicroUsd = cost === undefined ? undefined : Math.round(cost * 1_000_000);
    usage = { ...tokens, ...(costMicroUsd === undefined ? {} : { costMicroUsd }) };
    return [{ type: 'usage', usage }];
  }

  function failed(told: JsonRecord | undefined): AgentEvent {
    const data = recordOf(told?.['data']);
    const message = shorten(
      textOf(data?.['message']) ?? textOf(told?.['name']) ?? 'the agent failed',
      MAX_TEXT,
    );
    const status = numberOf(data?.['statusCode']);
    const reason = NAMED[textOf(told?.['name']) ?? ''] ?? errorReason(status, message);
    error = { reason, message };
    return { type: 'error', reason, message, ...(status === undefined ? {} : { status }) };
  }

  function result(): OpencodeResult | undefined {
    const known = usage === undefined ? {} : { usage };
    if (error !== undefined) return { ok: false, reason: error.reason, text: error.message, ...known };
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
    toolRunning: () => false,
    overLimit() {
      if (fruitless >= MOST_FRUITLESS)
        return { reason: 'unavailable', message: `the model answered nothing ${fruitless} times in a row` };
      if (maxCostMicroUsd !== undefined && (usage?.costMicroUsd ?? 0) > maxCostMicroUsd)
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
};

/** What the last step ended with, where that is no success. */
const ENDINGS: Readonly<Record<string, readonly [AgentErrorReason, string]>> = {
  length: ['context', 'the answer of the model was cut off'],
  'content-filter': ['refused', 'the model refused to answer'],
  'tool-calls': ['agent', 'the agent ended in the middle: a tool was not allowed'],
  unknown: ['unavailable', 'the model gave no usable answer'],
};

/** Output holds what was thought, too, as providers count it. */
function sum(before: Usage | undefined, tokens: JsonRecord | undefined): Usage | undefined {
  const cache = recordOf(tokens?.['cache']);
  const input = numberOf(tokens?.['input']);
  const output = numberOf(tokens?.['output']);
  if (input === undefined || output === undefined) return before;
  return {
    input: (before?.input ?? 0) + input,
    output: (before?.output ?? 0) + output + (numberOf(tokens?.['reasoning']) ?? 0),
    cacheRead: (before?.cacheRead ?? 0) + (numberOf(cache?.['read']) ?? 0),
    cacheWrite: (before?.cacheWrite ?? 0) + (numberOf(cache?.['write']) ?? 0),
  };
}
