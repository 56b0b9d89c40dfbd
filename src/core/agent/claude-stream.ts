import { errorReason } from './error-reason.ts';
import type { AgentErrorReason, AgentEvent, Usage } from './event.ts';
import { type JsonRecord, listOf, numberOf, parseRecord, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';
import { isTold, type RetryTime, retryTimeIn } from './retry-time.ts';

const MAX_TEXT = 8_000;
const MAX_SUBJECT = 300;

/** What the terminal `result` line of Claude Code says. */
export interface ClaudeResult {
  readonly ok: boolean;
  readonly reason?: AgentErrorReason;
  readonly status?: number;
  /** The last text, or the error's wording. */
  readonly text: string;
  readonly usage?: Usage;
  /** When the service will answer again, where it said so. */
  readonly retry?: RetryTime;
}

export interface ClaudeReader {
  /** Events of one line of `--output-format stream-json`. */
  readonly line: (line: string) => readonly AgentEvent[];
  /** The last result line, undefined as long as there is none. */
  readonly result: () => ClaudeResult | undefined;
  /** Whether a tool was started and has not answered yet. */
  readonly toolRunning: () => boolean;
}

/**
 * Translates the stream of Claude Code (measured with 2.1.197) into events. Paths below `cwd` become relative.
 * Lines of unknown types become `raw`; bookkeeping of the program itself (`system` lines) is left out.
 */
export function createClaudeReader(cwd: string): ClaudeReader {
  const tools = new Map<string, string | undefined>();
  let result: ClaudeResult | undefined;
  let refused = false;
  /** What the service, or the program, called the last failure of a request. */
  let failure: string | undefined;
  let rejectedUntil: number | undefined;

  function events(record: JsonRecord): readonly AgentEvent[] {
    switch (record['type']) {
      case 'system':
        return systemEvents(record);
      case 'assistant': {
        const message = recordOf(record['message']);
        if (message?.['stop_reason'] === 'refusal') refused = true;
        failure = textOf(record['error']);
        return listOf(message?.['content']).flatMap((block) => assistantEvents(recordOf(block)));
      }
      case 'user':
        return listOf(recordOf(record['message'])?.['content']).flatMap((block) =>
          toolEndEvents(recordOf(block), recordOf(record['tool_use_result'])),
        );
      case 'result':
        result = resultOf(record, refused, failure, rejectedUntil);
        return resultEvents(record, result);
      case 'rate_limit_event':
        rejectedUntil = endOfLimit(recordOf(record['rate_limit_info']));
        return [];
      case 'stream_event':
        return [];
      default:
        return [{ type: 'raw', text: shorten(JSON.stringify(record), MAX_TEXT) }];
    }
  }

  function assistantEvents(block: JsonRecord | undefined): readonly AgentEvent[] {
    const text = textOf(block?.['text']);
    if (block?.['type'] === 'text' && text !== undefined && text.trim() !== '') {
      return [{ type: 'message', text: shorten(text, MAX_TEXT) }];
    }
    const id = textOf(block?.['id']);
    if (block?.['type'] !== 'tool_use' || id === undefined) return [];
    const name = textOf(block['name']);
    const subject = subjectOf(recordOf(block['input']));
    tools.set(id, name);
    return [
      {
        type: 'tool',
        phase: 'start',
        id,
        ...(name === undefined ? {} : { name }),
        ...(subject === undefined ? {} : { subject: shorten(relative(subject), MAX_SUBJECT) }),
      },
    ];
  }

  function toolEndEvents(
    block: JsonRecord | undefined,
    outcome: JsonRecord | undefined,
  ): readonly AgentEvent[] {
    const id = textOf(block?.['tool_use_id']);
    if (block?.['type'] !== 'tool_result' || id === undefined) return [];
    const name = tools.get(id);
    tools.delete(id);
    const succeeded = block['is_error'] !== true;
    const end: AgentEvent = {
      type: 'tool',
      phase: 'end',
      id,
      ok: succeeded,
      ...(name === undefined ? {} : { name }),
    };
    const path = textOf(outcome?.['filePath']);
    if (!succeeded || path === undefined || name === 'Read') return [end];
    const kind = outcome?.['type'] === 'create' ? 'create' : 'update';
    return [end, { type: 'file', path: relative(path), kind }];
  }

  function relative(path: string): string {
    const root = cwd.endsWith('/') ? cwd : `${cwd}/`;
    return path.startsWith(root) ? path.slice(root.length) : path;
  }

  return {
    line(line) {
      if (line.trim() === '') return [];
      const record = parseRecord(line);
      return record === undefined ? [{ type: 'raw', text: shorten(line, MAX_TEXT) }] : events(record);
    },
    result: () => result,
    toolRunning: () => tools.size > 0,
  };
}

function systemEvents(record: JsonRecord): readonly AgentEvent[] {
  if (record['subtype'] === 'init') {
    const sessionId = textOf(record['session_id']);
    const model = textOf(record['model']);
    const agentVersion = textOf(record['claude_code_version']);
    return [
      {
        type: 'started',
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(model === undefined ? {} : { model }),
        ...(agentVersion === undefined ? {} : { agentVersion }),
      },
    ];
  }
  if (record['subtype'] !== 'api_retry') return [];
  const status = numberOf(record['error_status']);
  const attempt = numberOf(record['attempt']);
  const delay = numberOf(record['retry_delay_ms']);
  const message = textOf(record['error']);
  return [
    {
      type: 'retry',
      ...(status === undefined ? {} : { status }),
      ...(attempt === undefined ? {} : { attempt }),
      ...(delay === undefined ? {} : { delayMs: Math.round(delay) }),
      ...(message === undefined ? {} : { message: shorten(message, MAX_SUBJECT) }),
    },
  ];
}

function resultEvents(record: JsonRecord, result: ClaudeResult): readonly AgentEvent[] {
  const events: AgentEvent[] = [];
  if (result.usage !== undefined) events.push({ type: 'usage', usage: result.usage });
  if (!result.ok) {
    events.push({
      type: 'error',
      reason: result.reason ?? 'agent',
      message: result.text,
      ...(result.status === undefined ? {} : { status: result.status }),
      ...result.retry,
    });
    return events;
  }
  const turns = numberOf(record['num_turns']);
  events.push({
    type: 'result',
    text: result.text,
    denials: listOf(record['permission_denials']).length,
    ...(turns === undefined ? {} : { turns }),
  });
  return events;
}

/** A subscription's limit: told before each answer, and again with the one that it keeps back. In ms since the epoch. */
function endOfLimit(info: JsonRecord | undefined): number | undefined {
  const seconds = numberOf(info?.['resetsAt']);
  return info?.['status'] === 'rejected' && seconds !== undefined ? seconds * 1000 : undefined;
}

/** The program's own names of what failed that leave nothing to be guessed. */
const FAILURES: Readonly<Record<string, AgentErrorReason>> = {
  authentication_failed: 'auth',
  oauth_org_not_allowed: 'auth',
  billing_error: 'billing',
  rate_limit: 'quota',
  overloaded: 'overloaded',
};

/** `subtype` alone says success for a failed request; `is_error` is what counts. */
function resultOf(
  record: JsonRecord,
  refused: boolean,
  failure: string | undefined,
  rejectedUntil: number | undefined,
): ClaudeResult {
  const subtype = textOf(record['subtype']) ?? '';
  const status = numberOf(record['api_error_status']);
  const said = textOf(record['result']) ?? listOf(record['errors']).filter(textOf).join('; ');
  const text = shorten(said === '' && subtype !== 'success' ? subtype : said, MAX_TEXT);
  const usage = usageOf(record);
  const reason = reasonOf();
  const retry =
    reason === undefined ? {} : rejectedUntil === undefined ? retryTimeIn(said) : { retryAt: rejectedUntil };
  return {
    ok: reason === undefined,
    text,
    ...(reason === undefined ? {} : { reason }),
    ...(status === undefined ? {} : { status }),
    ...(usage === undefined ? {} : { usage }),
    ...(isTold(retry) ? { retry } : {}),
  };

  function reasonOf(): AgentErrorReason | undefined {
    if (subtype === 'error_max_turns') return 'turn-limit';
    if (subtype === 'error_max_budget_usd') return 'budget';
    if (refused || record['stop_reason'] === 'refusal') return 'refused';
    if (subtype === 'success' && record['is_error'] !== true) return undefined;
    const worded = errorReason(status, said);
    // It takes an unpaid bill that comes with a 403 for a failed login.
    return worded === 'billing' ? worded : (FAILURES[failure ?? ''] ?? worded);
  }
}

/** `modelUsage` holds every model of the session; the plain `usage` is zero after some fallbacks. */
function usageOf(record: JsonRecord): Usage | undefined {
  const models = Object.values(recordOf(record['modelUsage']) ?? {}).map((entry) => recordOf(entry) ?? {});
  const cost = numberOf(record['total_cost_usd']);
  if (models.length === 0) return undefined;
  const sum = (field: string) => models.reduce((total, model) => total + (numberOf(model[field]) ?? 0), 0);
  return {
    input: sum('inputTokens'),
    output: sum('outputTokens'),
    cacheRead: sum('cacheReadInputTokens'),
    cacheWrite: sum('cacheCreationInputTokens'),
    ...(cost === undefined ? {} : { costMicroUsd: Math.round(cost * 1_000_000) }),
  };
}

/** The argument by which a person recognises what the tool does. */
function subjectOf(input: JsonRecord | undefined): string | undefined {
  for (const name of [
    'file_path',
    'notebook_path',
    'path',
    'command',
    'pattern',
    'url',
    'query',
    'description',
  ]) {
    const value = textOf(input?.[name]);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
