import type { RunPhase } from '../run/state.ts';

/** The word that operators see (seed 002, AC 1). */
export type StatusWord = 'in-progress' | 'completed' | 'stopped' | 'failed';

export interface Reason {
  readonly status: StatusWord;
  /** What it means, as a clause in lower case. */
  readonly message: string;
  /** What to do next; `{resume}`, `{run}` and `{slug}` are filled in by `nextStep`. */
  readonly next: string;
  /** Exit code of the command that drove the run to here. */
  readonly exit: number;
  /** Word of the history file, where the run is recorded. */
  readonly history?: 'success' | 'failed' | 'paused';
}

const RESUME = '{resume}';
export const STATUS = 'murmur8 status {run}';
export const LOOK = 'read the file named as diagnostic, then {resume}';
export const LOGS = 'read the latest logs of the run, then {resume}';
export const SHOW = 'murmur8 history show {run}';
export const PENDING = 'murmur8 trace {slug} lists what is pending';

function progress(message: string, exit = 0, next = STATUS): Reason {
  return { status: 'in-progress', message, next, exit };
}
function paused(message: string, exit: number, next = RESUME): Reason {
  return { status: 'stopped', message, next, exit, history: 'paused' };
}
function completed(message: string, next = SHOW): Reason {
  return { status: 'completed', message, next, exit: 0, history: 'success' };
}
function failed(message: string, next = LOOK, exit = 1): Reason {
  return { status: 'failed', message, next, exit, history: 'failed' };
}

function raised(limit: string): string {
  return `{resume} --limit ${limit} raises the limit`;
}

/** The closed table of reason codes (spec: run-status, vocabulary), but for the family `DEP_<TOOL>_FAIL`. */
export const REASONS = {
  QUEUED: progress('waiting to start'),
  SCHEDULED: progress('waiting for its time'),
  STAGE_RUNNING: progress('a stage is running'),
  GENERATING: progress('an agent or command is at work'),
  AUDITING: progress('the result is being checked'),
  RETRYING: progress('preparing the next attempt'),
  RESUMING: progress('continuing where it was'),
  ROLLING_BACK: progress('undoing what was done'),
  QUOTA_WAIT: progress('waiting until the agent’s quota returns'),
  APPROVAL_PENDING: progress('waiting for an approval', 3, 'murmur8 approval list --pending'),
  QUESTION_PENDING: progress('an agent asked a question', 3, 'murmur8 answer {run} "<your answer>"'),
  PAUSED_AFTER_STAGE: paused('paused after the stage that was asked for', 3),
  QUALITY_GATE: paused('a stage was rated below the threshold', 3),
  COMMIT_DECLINED: paused('the commit was declined; every change is still in place', 3),
  USER_INTERRUPT: paused('interrupted', 130),
  RETRY_RATE_EXCEEDED: paused('too many frames needed a retry', 4, raised('retry_rate=<0..1>')),
  REJECT_RATE_EXCEEDED: paused('too many frames were rejected', 4, raised('reject_rate=<0..1>')),
  CONSECUTIVE_FAILS: paused('too many failures in a row', 4, LOGS),
  CIRCUIT_BREAKER: paused('the limit on attempts is reached', 4, '{resume} --max-attempts <more> raises it'),
  BUDGET_EXCEEDED: paused(
    'the budget is used up',
    4,
    '{resume} --max-cost <more> raises it, <stage>=<more> that of a stage; of tokens --max-tokens, of time --limit max_duration=<longer>',
  ),
  STALLED: paused(
    'an agent or command was silent for too long',
    4,
    '{resume}; with --limit stall_timeout=<longer> it may be silent for longer',
  ),
  ALL_FRAMES_APPROVED: completed('every stage holds its contract'),
  ALL_STAGES_SUCCEEDED: completed('every stage succeeded'),
  PARTIAL_SUCCESS: completed('finished, but not everything could be done', PENDING),
  STAGE_FAILED: failed('a stage failed'),
  STAGE_TIMEOUT: failed(
    'a stage took longer than it may',
    '{resume} --stage-timeout <longer> gives it more time',
  ),
  OUTPUT_INVALID: failed('a stage’s result does not hold its contract'),
  TESTS_FAILED: failed('tests failed'),
  AGENT_CRASHED: failed('the agent ended abnormally'),
  AGENT_NO_RESULT: failed('the agent ended without a result'),
  AGENT_REFUSED: failed('the agent refused the task'),
  TURN_LIMIT: failed('the agent used up its turns'),
  CONTEXT_OVERFLOW: failed('the work does not fit into the model’s context'),
  ROLLED_BACK: failed('failed and was rolled back'),
  ROLLBACK_FAILED: failed(
    'failed, and undoing it failed too',
    'put right what is left, then murmur8 pipeline rollback {run} --to <stage>, or murmur8 pipeline retry {run}',
  ),
  SYS_MANIFEST_INVALID: failed(
    'the pipeline’s definition or its manifest is not valid',
    'correct the file that the message names, then {resume}; a changed definition needs a new run',
  ),
  SYS_WRITE_ERROR: failed(
    'a file could not be written',
    'free space or correct the permissions, then {resume}',
  ),
  SYS_OWNER_LOST: failed('the process that drove the run is gone', RESUME),
  SYS_STATE_CORRUPT: failed(
    'the run’s journal is damaged',
    'restore the file named from a backup, then {resume}; or start the work anew',
  ),
  DEP_API_UNAVAILABLE: failed('the model’s service could not be reached', RESUME),
  DEP_AUTH: failed('the agent is not logged in', 'log the agent in or set its key, then {resume}'),
  DEP_QUOTA: failed('the agent’s quota is used up', 'wait until it returns, then {resume}'),
  APPROVAL_REJECTED: failed('an approval was rejected', 'murmur8 pipeline retry {run} asks again', 5),
  APPROVAL_EXPIRED: failed('an approval was not given in time', 'murmur8 pipeline retry {run} asks again', 5),
  USER_CANCELLED: { status: 'stopped', message: 'cancelled', next: SHOW, exit: 1, history: 'failed' },
  SUPERSEDED: {
    status: 'stopped',
    message: 'replaced by a newer run',
    next: SHOW,
    exit: 1,
    history: 'failed',
  },
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;

/** False for codes that only a newer version of this program knows. */
export function isReasonCode(code: string): boolean {
  return Object.hasOwn(REASONS, code) || FAILED_TOOL.test(code);
}

const FAILED_TOOL = /^DEP_([A-Z0-9_]+)_FAIL$/;

/** Meaning of a code, also of the family `DEP_<TOOL>_FAIL`. */
export function reasonOf(code: string): Reason {
  if (Object.hasOwn(REASONS, code)) return REASONS[code as ReasonCode];
  const tool = FAILED_TOOL.exec(code)?.[1];
  if (tool !== undefined) return failed(`${tool.toLowerCase().replaceAll('_', ' ')} failed`);
  throw new Error(`unknown reason code: ${code}`);
}

/** What kind of failure a code of the status `failed` is (spec: run-status): by its beginning. */
export function errorTypeOf(code: string): 'system' | 'dependency' | 'audit' {
  if (code.startsWith('SYS_')) return 'system';
  return code.startsWith('DEP_') ? 'dependency' : 'audit';
}

/**
 * What to type next about a run of a feature, with the run's own ids filled in. `recorded` is the id under which
 * history knows the run, `slug` the feature.
 */
export function nextStep(
  code: string,
  executionId: string,
  recorded: string = executionId,
  slug = '<slug>',
): string {
  const { next } = reasonOf(code);
  const id = next === SHOW ? recorded : executionId;
  return next
    .replaceAll('{resume}', `murmur8 resume ${executionId}`)
    .replaceAll('{run}', id)
    .replaceAll('{slug}', slug);
}

/** Status word of a run: by its phase, since a code of the table belongs to one phase only. */
export function statusWordOf(phase: RunPhase): StatusWord {
  if (phase === 'succeeded') return 'completed';
  if (phase === 'failed') return 'failed';
  if (phase === 'paused' || phase === 'cancelled') return 'stopped';
  return 'in-progress';
}
