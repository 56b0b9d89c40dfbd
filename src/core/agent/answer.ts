import * as z from 'zod';
import { parseDuration } from '../pipeline/duration.ts';
import { shorten } from './plain-text.ts';

const MAX_TEXT = 4_000;

/** What an agent or a command writes to its answer file (`MURMUR8_ANSWER`): a question, a failure, a verdict. */
const questionSchema = z.object({ question: z.object({ text: z.string() }) });
const failureSchema = z.object({
  failure: z.object({
    text: z.string(),
    code: z.optional(z.unknown()),
    retry_at: z.optional(z.unknown()),
    retry_after: z.optional(z.unknown()),
  }),
});
const reviewSchema = z.object({
  verdict: z.optional(z.enum(['approved', 'rejected'])),
  findings: z.optional(z.array(z.string())),
});

/** Why something failed, by its own account. */
export interface ToldFailure {
  readonly text: string;
  /** One of the reason codes with which a dependency fails. */
  readonly code?: string;
  /** When it is worth while to try again: in ms since the epoch, or from now. */
  readonly retryAt?: number;
  readonly retryAfterMs?: number;
}

/** What whoever checks a result says of it. */
export interface Review {
  readonly verdict?: 'approved' | 'rejected';
  readonly findings: readonly string[];
}

/** The question in an agent's typed answer, bounded; undefined when it asks nothing. */
export function questionIn(answer: unknown): string | undefined {
  const parsed = questionSchema.safeParse(answer);
  return parsed.success ? bounded(parsed.data.question.text) : undefined;
}

/**
 * What is said to have failed, bounded; undefined when nothing of the kind is said. A code that is none of the list, or
 * a time that cannot be read, does not make the failure undone: it is told with the text.
 */
export function failureIn(answer: unknown): ToldFailure | undefined {
  const parsed = failureSchema.safeParse(answer);
  if (!parsed.success) return undefined;
  const { text: told, code, retry_at: at, retry_after: after } = parsed.data.failure;
  const retryAt = typeof at === 'string' && ISO_TIME.test(at) ? Date.parse(at) : Number.NaN;
  const retryAfterMs = typeof after === 'string' ? parseDuration(after) : undefined;
  const isCode = typeof code === 'string' && DEPENDENCY_CODE.test(code);
  const text = [
    bounded(told) ?? 'no reason was given',
    ...(code === undefined || isCode ? [] : [`(its code ${given(code)} is none of ${KNOWN_CODES})`]),
    ...(at === undefined || !Number.isNaN(retryAt)
      ? []
      : [`(its retry_at ${given(at)} is no ISO 8601 time)`]),
    ...(after === undefined || retryAfterMs !== undefined
      ? []
      : [`(its retry_after ${given(after)} is no duration such as 90s)`]),
  ].join(' ');
  return {
    text,
    ...(isCode ? { code } : {}),
    ...(Number.isNaN(retryAt) ? {} : { retryAt }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function given(value: unknown): string {
  return shorten(JSON.stringify(value) ?? '', MAX_GIVEN);
}

/** The outcome of an attempt that says that it failed with a code; `failed` where the code is that of a tool. */
export function outcomeOfFailure({ code }: ToldFailure): 'unavailable' | 'auth' | 'quota' | 'failed' {
  if (code === 'DEP_API_UNAVAILABLE') return 'unavailable';
  if (code === 'DEP_AUTH') return 'auth';
  return code === 'DEP_QUOTA' ? 'quota' : 'failed';
}

/** What a typed answer says of a result, unbounded; undefined when it has not the form of a review. */
export function reviewIn(answer: unknown): Review | undefined {
  const parsed = reviewSchema.safeParse(answer);
  if (!parsed.success) return undefined;
  const { verdict, findings = [] } = parsed.data;
  return verdict === undefined ? { findings } : { verdict, findings };
}

const DEPENDENCY_CODE = /^DEP_(?:API_UNAVAILABLE|AUTH|QUOTA|[A-Z0-9][A-Z0-9_]{0,59}_FAIL)$/;
const KNOWN_CODES = 'DEP_API_UNAVAILABLE, DEP_AUTH, DEP_QUOTA and DEP_<TOOL>_FAIL';
const ISO_TIME = /^\d{4}-\d\d-\d\dT/;
const MAX_GIVEN = 80;

function bounded(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed === '' ? undefined : trimmed.slice(0, MAX_TEXT);
}
