import { plainText, shorten } from '../../core/agent/plain-text.ts';
import type { Problem } from '../../core/problem.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { AttemptState, RunState } from '../../core/run/state.ts';
import { reasonOf } from '../../core/status/reason.ts';
import type {
  ExecutionAttempt,
  ExecutionExecutor,
  ExecutionReviewer,
  ExecutionStatus,
} from '../../core/task/execution.ts';
import type { RunPart } from './run-part.ts';

export interface Wording {
  /** Hides secrets. */
  readonly mask: (text: string) => string;
  /** Who answers at this terminal. */
  readonly person: string;
  /** The runner of agents for whom none was named. */
  readonly defaultRunner: string;
  /** Why the part that was left could not be driven on, where that is known. */
  readonly broken?: Problem;
}

/** Codes of an end that says nothing about the work: somebody ended it, or nobody was there any more. */
const ABANDONED: ReadonlySet<string> = new Set([
  'USER_INTERRUPT',
  'USER_CANCELLED',
  'SUPERSEDED',
  'SYS_OWNER_LOST',
  'PAUSED_AFTER_STAGE',
  'COMMIT_DECLINED',
]);
const MOST_TEXT = 500;
const LEFT = 'SYS_OWNER_LOST';

/** A part of a run as the attempt that it was at its task (spec: tasks, link to runs). */
export function attemptOfRun(part: RunPart, wording: Wording): ExecutionAttempt {
  const { state } = part;
  const startedMs = Date.parse(part.startedAt);
  // A clock that was set back must not make an attempt that ended before it began.
  const endedMs = Math.max(startedMs, Date.parse(part.endedAt));
  const text = (value: string): string => shorten(oneLine(wording.mask(plainText(value))), MOST_TEXT);
  const status = statusOf(part);
  const reviewer = reviewerOf(state, part.events, wording.person, text);
  return {
    started_at: part.startedAt,
    ended_at: new Date(endedMs).toISOString(),
    duration_seconds: Math.round((endedMs - startedMs) / 1000),
    status,
    ...(status === 'completed' ? {} : { error_reason: text(reasonFor(part, wording.broken)) }),
    executor: executorOf(part, wording.defaultRunner, text),
    ...(reviewer === undefined ? {} : { reviewer }),
    notes: noteOf(state.runId),
  };
}

/** By which an attempt and the run's entry in the history find each other. */
function noteOf(runId: string): string {
  return `murmur8 run ${runId}`;
}

function statusOf({ state, end }: RunPart): ExecutionStatus {
  if (end !== 'ended') return 'abandoned';
  if (state.phase === 'succeeded') return 'completed';
  return ABANDONED.has(state.code) ? 'abandoned' : 'failed';
}

function reasonFor({ state, end }: RunPart, broken: Problem | undefined): string {
  if (end === 'left' && broken !== undefined) return `${broken.code}: ${broken.message}`;
  if (end === 'left') return `${LEFT}: ${reasonOf(LEFT).message}`;
  return `${state.code}: ${state.message ?? reasonOf(state.code).message}`;
}

/** Who wrote the code, or whoever had the last turn where it did not come to that, with who planned it. */
function executorOf(
  { state, events }: RunPart,
  defaultRunner: string,
  text: (value: string) => string,
): ExecutionExecutor {
  const turns = events.flatMap((event) => (event.type === 'attempt.started' ? [event] : []));
  const turn = turns.findLast(({ stage }) => stage === 'codey-implement') ?? turns.at(-1);
  const made =
    turn === undefined
      ? (lastTurnOf(state, 'codey-implement') ?? lastTurn(state))
      : (state.stages.get(turn.stage)?.frames[turn.frame]?.attempts[turn.attempt - 1] ?? turn);
  const planned = lastTurnOf(state, 'codey-plan');
  const { runner = defaultRunner, model } = state.settings;
  return {
    ...agentOf(made ?? { runner, ...(model === undefined ? {} : { model }) }, text),
    ...(planned === undefined ? {} : { planner: agentOf(planned, text) }),
  };
}

function agentOf(
  { runner, model }: { readonly runner: string; readonly model?: string },
  text: (value: string) => string,
): { tool: string; model?: string } {
  return { tool: text(runner), ...(model === undefined ? {} : { model: text(model) }) };
}

function lastTurnOf(state: RunState, stage: string): AttemptState | undefined {
  return state.stages
    .get(stage)
    ?.frames.findLast((frame) => frame.attempts.length > 0)
    ?.attempts.at(-1);
}

function lastTurn(state: RunState): AttemptState | undefined {
  return [...state.stages.keys()]
    .map((stage) => lastTurnOf(state, stage))
    .findLast((turn) => turn !== undefined);
}

/** Who judged last: a vote, a person's answer at the quality gate, or the agent whose rating closed it. */
function reviewerOf(
  { settings }: RunState,
  events: readonly RunEvent[],
  person: string,
  text: (value: string) => string,
): ExecutionReviewer | undefined {
  const judgement = events.findLast((event) => {
    if (event.type === 'feedback.given') return event.verdict === 'gate';
    // With --yes, or with nobody there, the gate was answered by rule.
    if (event.type === 'gate.answered') return !settings.yes && event.answer !== 'pause';
    return event.type === 'approval.voted';
  });
  if (judgement?.type === 'approval.voted') {
    const { actor, decision, at, comment } = judgement;
    return review(actor, decision === 'approved', at, comment);
  }
  if (judgement?.type === 'gate.answered')
    return review(person, judgement.answer === 'continue', judgement.at, judgement.comment);
  if (judgement?.type === 'feedback.given')
    return review(judgement.stage, false, judgement.at, judgement.issues.join('; '));
  return undefined;

  function review(name: string, approved: boolean, at: string, notes = ''): ExecutionReviewer {
    return { name: text(name), approved, reviewed_at: at, ...(notes === '' ? {} : { notes: text(notes) }) };
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
