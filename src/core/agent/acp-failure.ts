import { errorReason } from './error-reason.ts';
import type { AgentErrorReason } from './event.ts';
import { type JsonRecord, listOf, numberOf, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';
import { isTold, type RetryTime, retryTimeIn, retryTimeOfBody, retryTimeOfHeaders } from './retry-time.ts';

const MAX_TEXT = 2_000;
const AUTHENTICATION_REQUIRED = -32_000;

/** Names that agents and services give to an error: `errorKind` of claude-agent-acp, `errorName` of opencode. */
const KINDS: Readonly<Record<string, AgentErrorReason>> = {
  authentication_failed: 'auth',
  authentication_error: 'auth',
  permission_error: 'auth',
  oauth_org_not_allowed: 'auth',
  ProviderAuthError: 'auth',
  UNAUTHENTICATED: 'auth',
  billing_error: 'billing',
  insufficient_quota: 'billing',
  INSUFFICIENT_G1_CREDITS_BALANCE: 'billing',
  rate_limit: 'quota',
  rate_limit_error: 'quota',
  usage_limit_reached: 'quota',
  overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  server_is_overloaded: 'overloaded',
  server_error: 'unavailable',
  api_error: 'unavailable',
  max_output_tokens: 'context',
  context_length_exceeded: 'context',
  ContextOverflowError: 'context',
  MessageOutputLengthError: 'context',
};

export interface AcpFailure extends RetryTime {
  readonly reason: AgentErrorReason;
  readonly status?: number;
  readonly message: string;
}

/**
 * Why a request of the protocol failed: from the code and the data of its error, and from the answer of the service
 * that some agents hand on as text, before its wording.
 */
export function acpFailure(error: unknown): AcpFailure {
  const record = recordOf(error) ?? {};
  const data = recordOf(record['data']);
  const said = messageOf(record, data) ?? String(error);
  const handedOn = serviceError(said);
  const records = [data, recordOf(data?.['error']), handedOn, record].filter((each) => each !== undefined);
  const message = textOf(handedOn?.['message']) ?? said;
  const status = records.map(statusOf).find((each) => each !== undefined) ?? statusIn(said);
  const kind = records.map(kindOf).find((each) => each !== undefined);
  const told = errorReason(status, message, textOf(data?.['body']));
  // Services name everything so that goes wrong with them; a status says more.
  const isVague = kind === 'unavailable' && status !== undefined;
  const isAuth = record['code'] === AUTHENTICATION_REQUIRED && status === undefined;
  return {
    reason: isVague ? told : (kind ?? (isAuth ? 'auth' : told)),
    message: shorten(message, MAX_TEXT),
    ...(status === undefined ? {} : { status }),
    ...retryTimeOf(data, said),
  };
}

/** How a turn that was answered ended, from its stop reason; undefined when it ended well. */
export function stopFailure(stopReason: string | undefined): AcpFailure | undefined {
  switch (stopReason) {
    case 'end_turn':
      return undefined;
    case 'max_tokens':
      return { reason: 'context', message: 'the agent reached the largest number of tokens' };
    case 'max_turn_requests':
      return { reason: 'turn-limit', message: 'the agent reached its own limit of requests in a turn' };
    case 'refusal':
      return { reason: 'refused', message: 'the agent refused to go on' };
    case 'cancelled':
      return { reason: 'agent', message: 'the agent says that it was cancelled, and nobody did' };
    default:
      return {
        reason: 'agent',
        message: `the agent ended its turn as ${shorten(JSON.stringify(stopReason ?? null), 100)}`,
      };
  }
}

function messageOf(record: JsonRecord, data: JsonRecord | undefined): string | undefined {
  const details = textOf(data?.['details']) ?? textOf(data?.['message']) ?? textOf(record['data']);
  const said = textOf(record['message']);
  if (said === undefined || details === undefined || said.includes(details)) return said ?? details;
  return `${said}: ${details}`;
}

/** As agents hand on headers and body of the answer that they got, else in words. */
function retryTimeOf(data: JsonRecord | undefined, said: string): RetryTime {
  const headers = recordOf(data?.['responseHeaders']) ?? recordOf(data?.['headers']);
  const seconds = numberOf(data?.['retryAfter']);
  const told = [
    retryTimeOfHeaders(headers),
    seconds === undefined ? {} : { retryAfterMs: Math.ceil(seconds * 1_000) },
    data === undefined ? {} : retryTimeOfBody(data),
    retryTimeIn(said),
  ];
  return told.find(isTold) ?? {};
}

/** The error object of a service whose answer stands in a message as it came: Gemini CLI does that. */
function serviceError(message: string): JsonRecord | undefined {
  const at = message.indexOf('{"error":');
  if (at < 0) return undefined;
  try {
    return recordOf(recordOf(JSON.parse(message.slice(at)))?.['error']);
  } catch {
    return undefined;
  }
}

function kindOf(record: JsonRecord): AgentErrorReason | undefined {
  const names = ['errorKind', 'errorName', 'type', 'code', 'status', 'reason'].map((name) => record[name]);
  const details = listOf(record['details']).map((detail) => recordOf(detail)?.['reason']);
  for (const name of [...names, ...details]) {
    const text = textOf(name) ?? '';
    if (Object.hasOwn(KINDS, text)) return KINDS[text];
  }
  return undefined;
}

/** A number that can only be the status of an HTTP answer. */
function statusOf(record: JsonRecord): number | undefined {
  for (const name of ['status', 'statusCode', 'httpStatus', 'code']) {
    const value = numberOf(record[name]);
    if (value !== undefined && value >= 400 && value <= 599) return value;
  }
  return undefined;
}

/** The same in words. */
function statusIn(message: string): number | undefined {
  const found =
    /"(?:code|status|statusCode)":\s*([45]\d\d)\b|\b(?:status(?: code)?|HTTP)[: ]+([45]\d\d)\b/i.exec(
      message,
    );
  const digits = found?.[1] ?? found?.[2];
  return digits === undefined ? undefined : Number(digits);
}
