import type { RunEvent } from '../run/event.ts';
import type { RunState } from '../run/state.ts';
import * as attempts from './attempt-spans.ts';
import type { Book } from './book.ts';
import { NAME, VALUE } from './names.ts';
import { newRollbackSpans, type RollbackSpans } from './rollback-spans.ts';
import { rootAttributes } from './root-attributes.ts';
import { isError, resultOfFailure, resultOfRun, resultOfStage } from './run-result.ts';
import { addSideNote } from './side-notes.ts';
import { newSpanSheet, type Span, type SpanLink, type SpanPlace } from './span.ts';
import { type Digest, rootOf, spanIdsOf } from './span-ids.ts';
import { endStage, openStage } from './stage-spans.ts';

export interface TraceInput {
  /** The run's journal up to the end of the segment; what belongs to earlier segments is passed over. */
  readonly events: readonly RunEvent[];
  /** What these events come to; the segment has ended. */
  readonly state: RunState;
  readonly digest: Digest;
  /** The span within which the command was called; linked to, so that a run stays one trace. */
  readonly caller?: SpanPlace | undefined;
}

/**
 * The last segment of a run as one trace: the run, its stages, their attempts, and the checks of these, the run first
 * (issue 4, 7). It follows from the journal alone, so that it can be sent again. Nothing that an agent or a person said
 * is in it.
 */
export function traceOf({ events, state, digest, caller }: TraceInput): readonly Span[] {
  const own = events.filter(({ runId }) => runId === state.runId);
  const startedAt = Date.parse((own.find(isStart) ?? own[0])?.at ?? state.segmentStartedAt);
  const endedAt = Math.max(startedAt, Date.parse(state.endedAt ?? state.at));
  const ids = spanIdsOf(digest, state.runId);
  const sheet = newSpanSheet(ids.traceId);
  const root = sheet.open({
    spanId: ids.root,
    name: `${VALUE.run} ${state.pipeline.name}`,
    kind: 'server',
    startedAt,
    links: linksOf(state, digest, caller),
  });
  const book: Book = { state, ids, sheet, root, startedAt, stages: new Map() };
  const rollbacks = newRollbackSpans(book);
  for (const event of own) note(book, rollbacks, event);
  for (const stage of book.stages.values()) {
    const known = state.stages.get(stage.name);
    if (stage.ended || known === undefined) continue;
    endStage(book, stage, endedAt, { result: resultOfStage(known), code: known.code });
  }
  root.add(rootAttributes(state));
  root.end(endedAt, isError(resultOfRun(state)));
  return sheet.close(endedAt);
}

function linksOf(state: RunState, digest: Digest, caller: SpanPlace | undefined): SpanLink[] {
  const { previousRunId } = state;
  return [
    ...(previousRunId === null
      ? []
      : [{ ...rootOf(digest, previousRunId), attributes: { [NAME.link]: 'previous-segment' } }]),
    ...(caller === undefined ? [] : [{ ...caller, attributes: { [NAME.link]: 'caller' } }]),
  ];
}

function note(book: Book, rollbacks: RollbackSpans, event: RunEvent): void {
  const at = Date.parse(event.at);
  switch (event.type) {
    case 'stage.started':
      openStage(book, event.stage, at);
      return;
    case 'approval.requested':
      // The wait for people is a part of the stage that waits.
      openStage(book, event.stage, at);
      return addSideNote(book, event, at);
    case 'stage.skipped':
      return endStage(book, openStage(book, event.stage, at), at, {
        result: 'skip',
        skipReason: event.reason,
      });
    case 'stage.finished':
      return endStage(book, openStage(book, event.stage, at), at, {
        result: event.status === 'succeeded' ? 'success' : resultOfFailure(event.code),
        code: event.code,
      });
    case 'attempt.started':
      return attempts.attemptStarted(book, event, at);
    case 'session.opened':
      return attempts.sessionOpened(book, event);
    case 'attempt.generated':
      return attempts.attemptGenerated(book, event, at);
    case 'attempt.judged':
      return attempts.attemptJudged(book, event, at);
    case 'audit.failed':
      return attempts.auditFailed(book, event, at);
    case 'attempt.abandoned':
      return attempts.attemptAbandoned(book, event, at);
    case 'frame.failed':
      return attempts.frameFailed(book, event, at);
    case 'rollback.started':
      return rollbacks.started(event, at);
    case 'rollback.step.started':
      return rollbacks.stepStarted(event, at);
    case 'rollback.step.finished':
      return rollbacks.stepFinished(event, at);
    case 'rollback.finished':
      return rollbacks.finished(event, at);
    default:
      return addSideNote(book, event, at);
  }
}

function isStart({ type }: RunEvent): boolean {
  return type === 'segment.started';
}
