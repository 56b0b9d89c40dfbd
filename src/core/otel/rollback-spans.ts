import type { EventOf } from '../run/event-of.ts';
import { agentAttributes, usageAttributes } from './agent-attributes.ts';
import type { Book } from './book.ts';
import { EVENT, NAME, VALUE } from './names.ts';
import type { OpenSpan } from './span.ts';

/** The stages that are being undone: each is a span of its own, below that of the run. */
export interface RollbackSpans {
  started(event: EventOf<'rollback.started'>, at: number): void;
  stepStarted(event: EventOf<'rollback.step.started'>, at: number): void;
  stepFinished(event: EventOf<'rollback.step.finished'>, at: number): void;
  finished(event: EventOf<'rollback.finished'>, at: number): void;
}

export function newRollbackSpans(book: Book): RollbackSpans {
  const open = new Map<string, OpenSpan>();
  const times = new Map<string, number>();
  const begin = (rollbackId: string, stage: string, name: string, at: number): OpenSpan => {
    const key = `${rollbackId}/${stage}`;
    const number = (times.get(key) ?? 0) + 1;
    times.set(key, number);
    const spanId = book.ids.span('rollback', rollbackId, stage, number);
    const span = book.sheet.open({ spanId, name, startedAt: at, parent: book.root });
    span.add({ [NAME.rollback]: rollbackId, [NAME.stage]: stage });
    open.set(key, span);
    return span;
  };
  return {
    started(event, at) {
      book.root.event(EVENT.rollbackStarted, at, {
        [NAME.rollback]: event.rollbackId,
        [NAME.rollbackCause]: event.cause,
        [NAME.stage]: event.target,
      });
    },
    stepStarted({ rollbackId, stage, agent, runner }, at) {
      const isAgent = book.state.definitions.get(stage)?.rollback?.work.kind === 'agent';
      const name = isAgent ? `${VALUE.invokeAgent} ${agent}` : `undo ${stage}`;
      const span = begin(rollbackId, stage, name, at);
      span.add({ [NAME.runner]: runner, ...(isAgent ? agentAttributes(agent, runner) : {}) });
    },
    stepFinished(event, at) {
      const { rollbackId, stage, status, exitCode } = event;
      // One that was begun in an earlier segment is a part of this one from its beginning.
      const span =
        open.get(`${rollbackId}/${stage}`) ?? begin(rollbackId, stage, `undo ${stage}`, book.startedAt);
      open.delete(`${rollbackId}/${stage}`);
      span.add({
        [NAME.outcome]: status,
        ...(exitCode === undefined ? {} : { [NAME.exitCode]: exitCode }),
        ...(status === 'failed' ? { [NAME.errorType]: 'ROLLBACK_FAILED' } : {}),
        ...usageAttributes(event.usage),
      });
      span.end(at, status === 'failed');
    },
    finished(event, at) {
      book.root.event(EVENT.rollbackFinished, at, {
        [NAME.rollback]: event.rollbackId,
        [NAME.outcome]: event.status,
      });
    },
  };
}
