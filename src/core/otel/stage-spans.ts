import type { AttemptSpan, Book, StageSpan } from './book.ts';
import { NAME } from './names.ts';
import { isError, needsErrorType, type RunResult } from './run-result.ts';

/** The span of a stage that is under way; opened where it has none, or its last one has ended. */
export function openStage(book: Book, name: string, at: number): StageSpan {
  const latest = book.stages.get(name);
  if (latest !== undefined && !latest.ended) return latest;
  const number = (latest?.number ?? 0) + 1;
  const stage: StageSpan = {
    name,
    number,
    span: book.sheet.open({
      spanId: book.ids.span('stage', name, number),
      name,
      startedAt: at,
      parent: book.root,
    }),
    attempts: new Map(),
    latest: new Map(),
    ended: false,
  };
  stage.span.add({
    [NAME.task]: name,
    [NAME.taskRunId]: [book.state.runId, name, ...(number === 1 ? [] : [number])].join('/'),
  });
  book.stages.set(name, stage);
  return stage;
}

export interface StageEnd {
  readonly result: RunResult;
  readonly code?: string | undefined;
  readonly skipReason?: string | undefined;
}

/** Ends a stage and what of it is still open. */
export function endStage(book: Book, stage: StageSpan, at: number, end: StageEnd): void {
  const frames = book.state.stages.get(stage.name)?.frames.length ?? 0;
  for (const attempt of stage.attempts.values()) breakOff(attempt, at);
  stage.span.add({
    [NAME.taskResult]: end.result,
    ...(frames > 0 ? { [NAME.frames]: frames } : {}),
    ...(end.code === undefined ? {} : { [NAME.reason]: end.code }),
    ...(needsErrorType(end.result) ? { [NAME.errorType]: end.code ?? 'STAGE_FAILED' } : {}),
    ...(end.skipReason === undefined ? {} : { [NAME.skipReason]: end.skipReason }),
  });
  stage.span.end(at, isError(end.result));
  stage.ended = true;
}

/** An attempt that nothing more was heard of; one whose check could not be made has failed for that. */
export function breakOff(attempt: AttemptSpan, at: number): void {
  if (attempt.ended) return;
  const { checkFailure } = attempt;
  if (checkFailure !== undefined) attempt.span.add({ [NAME.errorType]: checkFailure });
  attempt.span.end(at, checkFailure !== undefined);
  attempt.ended = true;
}
