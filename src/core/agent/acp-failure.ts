import { errorReason } from './error-reason.ts';
import type { AgentErrorReason } from './event.ts';
import { numberOf, recordOf, textOf } from './json-field.ts';
import { shorten } from './plain-text.ts';

const MAX_TEXT = 2_000;
const AUTHENTICATION_REQUIRED = -32_000;

/** Words that agents put beside their error; claude-agent-acp has `errorKind`. */
const KINDS: Readonly<Record<string, AgentErrorReason>> = {
  authentication_failed: 'auth',
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'quota',
  rate_limit: 'quota',
  rate_limit_error: 'quota',
  overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  server_error: 'unavailable',
  api_error: 'unavailable',
};

export interface AcpFailure {
  readonly reason: AgentErrorReason;
  readonly status?: number;
  readonly message: string;
}

/** Why a request of the protocol failed, from the code and the data of its error before its wording. */
export function acpFailure(error: unknown): AcpFailure {
  const record = recordOf(error) ?? {};
  const data = recordOf(record['data']);
  const details = textOf(data?.['details']) ?? textOf(data?.['message']) ?? textOf(record['data']);
  const said = textOf(record['message']) ?? String(error);
  const message = details === undefined || said.includes(details) ? said : `${said}: ${details}`;
  const status =
    statusOf(data) ?? statusOf(recordOf(data?.['error'])) ?? statusOf(record) ?? statusIn(message);
  const kind = KINDS[textOf(data?.['errorKind']) ?? ''];
  const isAuth = record['code'] === AUTHENTICATION_REQUIRED && status === undefined;
  return {
    reason: kind ?? (isAuth ? 'auth' : errorReason(status, message)),
    message: shorten(message, MAX_TEXT),
    ...(status === undefined ? {} : { status }),
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
        message: `the agent ended its turn as ${JSON.stringify(stopReason ?? null)}`,
      };
  }
}

/** A number that can only be the status of an HTTP answer. */
function statusOf(record: Readonly<Record<string, unknown>> | undefined): number | undefined {
  for (const name of ['status', 'statusCode', 'httpStatus', 'code']) {
    const value = numberOf(record?.[name]);
    if (value !== undefined && value >= 400 && value <= 599) return value;
  }
  return undefined;
}

/** Gemini CLI and others hand on the answer of their service as text. */
function statusIn(message: string): number | undefined {
  const found =
    /"(?:code|status|statusCode)":\s*([45]\d\d)\b|\b(?:status(?: code)?|HTTP)[: ]+([45]\d\d)\b/i.exec(
      message,
    );
  const digits = found?.[1] ?? found?.[2];
  return digits === undefined ? undefined : Number(digits);
}
