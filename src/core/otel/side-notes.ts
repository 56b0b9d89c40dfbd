import type { RunEvent } from '../run/event.ts';
import type { Book } from './book.ts';
import { EVENT, NAME } from './names.ts';
import type { OpenSpan } from './span.ts';

/**
 * What happens at a moment, on the span that it belongs to. Neither who did it nor what was said leaves: names of
 * people, comments, questions, answers and messages stay where the run is.
 */
export function addSideNote(book: Book, event: RunEvent, at: number): void {
  const { root } = book;
  const stage = (name: string): OpenSpan => book.stages.get(name)?.span ?? root;
  switch (event.type) {
    case 'approval.requested':
      return stage(event.stage).event(EVENT.approvalRequested, at, {
        [NAME.approval]: event.approvalId,
        [NAME.quorum]: event.quorum,
      });
    case 'approval.voted':
      return stage(event.stage).event(EVENT.approvalVoted, at, {
        [NAME.approval]: event.approvalId,
        [NAME.decision]: event.decision,
        [NAME.channel]: event.channel,
      });
    case 'approval.delegated':
      return stage(event.stage).event(EVENT.approvalDelegated, at, {
        [NAME.approval]: event.approvalId,
        [NAME.channel]: event.channel,
      });
    case 'approval.closed':
      return stage(event.stage).event(EVENT.approvalClosed, at, {
        [NAME.approval]: event.approvalId,
        [NAME.decision]: event.status,
        ...(event.action === undefined ? {} : { [NAME.deadlineAction]: event.action }),
      });
    case 'feedback.given':
      return stage(event.stage).event(EVENT.rated, at, {
        [NAME.rated]: event.about,
        [NAME.rating]: event.rating,
        [NAME.decision]: event.verdict,
      });
    case 'gate.answered':
      return stage(event.stage).event(EVENT.gateAnswered, at, { [NAME.decision]: event.answer });
    case 'question.answered':
      return stage(event.stage).event(EVENT.questionAnswered, at, { [NAME.frame]: event.frame });
    case 'stop.requested':
      return root.event(EVENT.stopRequested, at, { [NAME.reason]: event.code });
    case 'run.stopped':
      return root.event(EVENT.stopCondition, at, {
        [NAME.reason]: event.code,
        [NAME.threshold]: event.threshold,
        [NAME.actual]: event.actual,
      });
    case 'work.failed':
      return root.event(EVENT.workFailed, at, {
        [NAME.reason]: event.code,
        ...(event.stage === undefined ? {} : { [NAME.stage]: event.stage }),
      });
    case 'run.closed':
      return root.event(EVENT.closed, at, {
        [NAME.outcome]: event.outcome,
        [NAME.files]: event.files.length,
        [NAME.validated]: event.validationPassed,
        ...(event.code === undefined ? {} : { [NAME.reason]: event.code }),
      });
    default:
      return undefined;
  }
}
