import { openSeat } from '../core/run/approval-events.ts';
import type { RunEventBody } from '../core/run/event.ts';
import { runningRollback } from '../core/run/rollback-events.ts';
import type { AttemptState, RunState } from '../core/run/state.ts';

/**
 * A result that comes too late to count: the world moved on while the work was done. Attempt numbers are fencing
 * tokens, and a stage that was skipped or waits again is neither opened nor rates anything.
 */
export function isLate(state: RunState, body: RunEventBody): boolean {
  switch (body.type) {
    case 'attempt.generated':
    case 'attempt.spent':
    case 'session.opened':
      return currentAttempt(state, body)?.outcome !== 'running';
    case 'audit.failed':
    case 'attempt.judged': {
      const attempt = currentAttempt(state, body);
      return attempt?.outcome !== 'ok' || attempt.verdict !== undefined || attempt.question !== undefined;
    }
    case 'question.answered': {
      const attempt = currentAttempt(state, body);
      return attempt?.question === undefined || attempt.answer !== undefined;
    }
    case 'stage.started':
    case 'feedback.missing':
    case 'gate.answered':
      return !state.ready.has(body.stage);
    case 'feedback.given':
      return !state.ready.has(body.stage) || state.stages.get(body.about)?.status !== 'succeeded';
    case 'approval.requested':
      return !state.ready.has(body.stage);
    // Told by the work of opening: the stage had no items to begin with.
    case 'stage.finished':
      return !state.ready.has(body.stage);
    case 'approval.voted':
      return openSeat(state.approvals.get(body.approvalId), body.actor) === undefined;
    case 'approval.delegated':
      return openSeat(state.approvals.get(body.approvalId), body.from) === undefined;
    case 'approval.notified':
      return !state.approvals.has(body.approvalId);
    case 'approval.closed':
      return !state.ready.has(body.stage);
    case 'rollback.step.finished':
      return !isUndoing(state, body);
    case 'run.closed':
      return state.unfinished > 0 || state.closed !== undefined;
    default:
      return false;
  }
}

function isUndoing(state: RunState, key: { readonly rollbackId: string; readonly stage: string }): boolean {
  const rollback = runningRollback(state);
  const step = rollback?.steps.find((entry) => entry.stage === key.stage);
  return rollback?.id === key.rollbackId && step?.status === 'running';
}

/** The attempt named, if it is the latest of its frame. */
function currentAttempt(
  state: RunState,
  key: { readonly stage: string; readonly frame: number; readonly attempt: number },
): AttemptState | undefined {
  const last = state.stages.get(key.stage)?.frames[key.frame]?.attempts.at(-1);
  return last?.number === key.attempt ? last : undefined;
}
