import { type AcpFailure, acpFailure } from './acp-failure.ts';
import { errorReason } from './error-reason.ts';
import type { AgentEvent, Usage } from './event.ts';
import { type JsonRecord, numberOf, parseRecord, recordOf, textOf } from './json-field.ts';
import { withOpencodeTokens } from './opencode-tokens.ts';
import { shorten } from './plain-text.ts';
import { type RetryTime, retryTimeIn } from './retry-time.ts';

const MAX_TEXT = 500;

/** So many answers in a row that failed, or that were nothing, are no accident; agents would go on for hours. */
const MOST_FRUITLESS = 5;
/** After so many opencode gives up by itself, and only then tells the status that it was answered. */
const OPENCODE_RETRIES = 5;

/** How lines begin that our plugin prints on the standard error of opencode; JSON follows. */
export const ASIDE = 'murmur8-aside ';

/** What an agent tells besides the protocol, which has no word for it: that its model failed, and what it used. */
export interface AcpAsideReader {
  /** Events of a line of standard error, without terminal escapes. */
  readonly line: (line: string) => readonly AgentEvent[];
  /** The agent said something; with a tool, its model has answered in full. */
  readonly heard: (isTool: boolean) => void;
  /** Why its model did not answer the last time, if nothing was heard since. */
  readonly failure: () => AcpFailure | undefined;
  /** The same once it is hopeless to let it go on asking. */
  readonly hopeless: () => AcpFailure | undefined;
  /** Why the turn failed, when it did, better than the protocol says it. */
  readonly final: () => AcpFailure | undefined;
  /** When its service returns, where that is told with the last failure and nothing was heard since. */
  readonly returns: () => RetryTime;
  /** What all requests of this process used; undefined for an agent that does not tell. */
  readonly usage: () => Usage | undefined;
}

/**
 * Gemini CLI (0.61.0) prints by itself that it asks again, opencode (1.18.33) has our plugin. Other agents are silent
 * about it, and so is this.
 */
export function createAcpAsideReader(): AcpAsideReader {
  let failure: AcpFailure | undefined;
  /** The same, whatever was heard since: an answer may break off again and again. */
  let last: AcpFailure | undefined;
  let final: AcpFailure | undefined;
  let returns: RetryTime = {};
  /** A message of Gemini CLI whose end stands in one of the next lines. */
  let begun: { readonly said: string; readonly lines: number } | undefined;
  let failures = 0;
  let mostFailures = MOST_FRUITLESS;
  let fruitless = 0;
  let usage: Usage | undefined;
  /** Undefined once a request did not tell. */
  let dollars: number | undefined = 0;

  function answered(): void {
    failures = 0;
    last = undefined;
  }

  function failed(said: string, status: number | undefined, delayMs?: number): readonly AgentEvent[] {
    const message = shorten(said.trim(), MAX_TEXT);
    const told = errorReason(status, message);
    // Nothing but a service that does not answer just now is asked again.
    const reason = told === 'agent' ? 'unavailable' : told;
    failures += 1;
    const known = status === undefined ? {} : { status };
    failure = { reason, message, ...known };
    last = failure;
    const pause = delayMs === undefined ? {} : { delayMs: Math.max(0, Math.round(delayMs)) };
    return [{ type: 'retry', attempt: failures, message, ...known, ...pause }];
  }

  /** What was said goes on until it is told what comes of it. */
  function ofGemini(said: string, status: string | undefined, lines: number): readonly AgentEvent[] {
    const end = GEMINI_END.exec(said);
    begun = status === undefined && end === null && lines < MOST_LINES ? { said, lines } : undefined;
    if (begun !== undefined) return [];
    returns = retryTimeIn(said);
    const delay = end?.[1];
    const message = saidIn(end === null ? said : said.replace(GEMINI_END, ''));
    return failed(
      message,
      status === undefined ? undefined : Number(status),
      delay === undefined ? undefined : Number(delay),
    );
  }

  function step(told: JsonRecord): void {
    const cost = numberOf(told['cost']);
    dollars = dollars === undefined || cost === undefined ? undefined : dollars + cost;
    const counted = withOpencodeTokens(usage, told['tokens']);
    const costMicroUsd = dollars === undefined ? undefined : Math.round(dollars * 1_000_000);
    if (counted !== undefined && counted !== usage)
      usage = { ...counted, ...(costMicroUsd === undefined ? {} : { costMicroUsd }) };
    fruitless += 1;
    // Only what answers nothing at all ends so.
    if (told['reason'] === 'stop' || told['reason'] === 'tool-calls') answered();
  }

  return {
    line(line) {
      if (line.startsWith(ASIDE)) {
        const told = parseRecord(line.slice(ASIDE.length));
        const retry = recordOf(told?.['retry']);
        if (retry !== undefined) {
          mostFailures = OPENCODE_RETRIES + 1;
          return failed(textOf(retry['message']) ?? NO_ANSWER, undefined, numberOf(retry['delayMs']));
        }
        const error = recordOf(told?.['error']);
        if (error !== undefined) final = finalFailure(error);
        const finished = recordOf(told?.['step']);
        if (finished !== undefined) step(finished);
        return [];
      }
      const rest = GEMINI_RETRY.exec(line);
      if (rest !== null) return ofGemini(rest[2] ?? '', rest[1], 1);
      return begun === undefined ? [] : ofGemini(`${begun.said} ${line.trim()}`, undefined, begun.lines + 1);
    },
    heard(isTool) {
      failure = undefined;
      returns = {};
      fruitless = 0;
      if (isTool) answered();
    },
    failure: () => failure,
    hopeless() {
      if (last !== undefined && failures >= mostFailures)
        return { ...last, message: `the model failed ${failures} times in a row: ${last.message}` };
      if (fruitless <= MOST_FRUITLESS) return undefined;
      return { reason: 'unavailable', message: `the model answered nothing ${fruitless} times in a row` };
    },
    final: () => final,
    returns: () => returns,
    usage: () => usage,
  };
}

/** The answer of the service, as it was. */
function finalFailure(error: JsonRecord): AcpFailure {
  const { message, ...data } = error;
  const body = parseRecord(textOf(data['body']) ?? '');
  return acpFailure({ message: textOf(message) ?? NO_ANSWER, data: { ...body, ...data } });
}

const NO_ANSWER = 'the model did not answer';

/** `Attempt 1 failed with status 503. Retrying with backoff... _ApiError: {"error":…}` */
const GEMINI_RETRY = /^Attempt \d{1,4} failed(?: with status (\d{3})\.|:|\.)\s*(.*)$/;

/** How it says what it does about it: `. Max attempts reached`, `. Retrying after 12000ms...` */
const GEMINI_END =
  /\.*\s*(?:Retrying with backoff\.\.\.|Retrying after (\d{1,12})ms\.*|Max attempts reached)\s*/;

/** Longest message of a service that is put together again. */
const MOST_LINES = 10;

function saidIn(rest: string): string {
  const told = /"message":"((?:[^"\\]|\\.)*)"/.exec(rest)?.[1];
  return told ?? (rest.trim() || NO_ANSWER);
}
