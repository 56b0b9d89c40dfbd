import { unreachable } from '../../../core/never.ts';
import type { EventOf } from '../../../core/run/event-of.ts';
import type { RunState } from '../../../core/run/state.ts';
import { namesAsText } from './graph/stage-text.ts';
import { oneLine } from './one-line.ts';

type RollbackEvent = EventOf<
  'rollback.started' | 'rollback.step.started' | 'rollback.step.finished' | 'rollback.finished'
>;

/** What is undone, as a line for people. */
export function rollbackLine(event: RollbackEvent, state: RunState): string {
  switch (event.type) {
    case 'rollback.started':
      return `rolling back to ${event.target}${causeOf(event)}: undoing ${namesAsText(event.stages, 12)}`;
    case 'rollback.step.started':
      if (event.runner === 'command') return `${event.stage}: undoing`;
      return `${event.stage}: undoing by ${oneLine(event.agent, 60)} on ${oneLine(event.runner, 60)}`;
    case 'rollback.step.finished':
      return `${event.stage}: ${stepText(event)}${said(event.message)}`;
    case 'rollback.finished':
      return `${finishedText(event, state)}${said(event.message)}`;
    default:
      return unreachable(event);
  }
}

function causeOf({ cause, failedStage, actor, reason }: EventOf<'rollback.started'>): string {
  if (cause === 'failure') return failedStage === undefined ? '' : ` because ${failedStage} failed`;
  return `${actor === undefined ? '' : ` for ${oneLine(actor)}`}${reason === undefined ? '' : ` (${oneLine(reason)})`}`;
}

function stepText({ status, exitCode, message }: EventOf<'rollback.step.finished'>): string {
  if (status === 'succeeded') return 'undone';
  if (status === 'interrupted') return 'undoing was interrupted and will be done again';
  // A command's message begins with it.
  const isSaid = exitCode === undefined || message?.startsWith('exit code') === true;
  return `undoing failed${isSaid ? '' : ` with exit code ${exitCode}`}`;
}

function finishedText({ rollbackId, status }: EventOf<'rollback.finished'>, state: RunState): string {
  const target = state.rollbacks.find((rollback) => rollback.id === rollbackId)?.target ?? '';
  if (status === 'succeeded') return `rolled back to ${target}`;
  return `rollback to ${target} ${status}`;
}

function said(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `: ${oneLine(text, 300)}`;
}
