import type { AgentEvent, Usage } from '../../../core/agent/event.ts';
import type { RunEvent } from '../../../core/run/event.ts';
import type { RunState } from '../../../core/run/state.ts';
import { reasonOf } from '../../../core/status/reason.ts';
import { approvalLine } from './approval-lines.ts';
import { formatDuration, formatInstant } from './duration.ts';
import { formatCount, formatMoney } from './money.ts';
import { oneLine } from './one-line.ts';
import { rollbackLine } from './rollback-lines.ts';

/** One event as a line for people; undefined for those that say nothing new to them. */
export function lineForEvent(event: RunEvent, state: RunState): string | undefined {
  switch (event.type) {
    case 'run.created':
      return `run ${event.runId}: ${event.feature?.slug ?? event.pipeline.name}`;
    case 'stage.started':
      return event.frames.length > 1
        ? `${event.stage}: ${event.frames.length} ${state.created.feature === undefined ? 'frames' : 'steps'}`
        : undefined;
    case 'stage.skipped':
      return event.reason === 'NOT_SELECTED'
        ? undefined
        : `${event.stage}: skipped, ${event.reason}${event.detail === undefined ? '' : ` (${oneLine(event.detail)})`}`;
    case 'attempt.started':
      if (isCommand(event, state))
        return `${frameName(event, state)}: started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}${event.strategy === undefined ? '' : ` (${event.strategy})`}`;
      return `${frameName(event, state)}: attempt ${event.attempt} by ${event.agent} on ${oneLine(event.runner, 60)}${event.runnerReason === undefined ? '' : `, since ${oneLine(event.runnerReason, 100)}`}${event.strategy === undefined ? '' : ` (${event.strategy})`}`;
    case 'attempt.generated':
      return generatedLine(event, state);
    case 'attempt.waiting':
      return `${frameName(event, state)}: waiting for ${oneLine(event.runner, 60)} until ${formatInstant(event.until)}, ${formatDuration(Date.parse(event.until) - Date.parse(event.at))} from now`;
    case 'audit.failed':
      return `${frameName(event, state)}: not checked, ${event.outcome}${event.message === undefined ? '' : `, ${oneLine(event.message, 300)}`}`;
    case 'frame.failed':
      return `${frameName(event, state)}: ${event.status}, ${event.code}${isToldBefore(event, state) ? '' : ` ${oneLine(event.message ?? '', 300)}`}`;
    case 'attempt.judged':
      // What a stage has done that nobody looks over is said where it ends.
      if (event.verdict === 'approved' && !isLookedOver(event, state)) return undefined;
      if (event.verdict !== 'approved' && isLastTry(event, state)) return undefined;
      return event.verdict === 'approved'
        ? `${frameName(event, state)}: approved`
        : `${frameName(event, state)}: rejected, ${event.findings.map((finding) => oneLine(finding, 200)).join('; ')}`;
    case 'attempt.abandoned':
      return `${frameName(event, state)}: attempt ${event.attempt} abandoned, ${oneLine(event.reason)}`;
    case 'feedback.given':
      return `${event.stage} rates ${event.about} ${event.rating} of 5: ${event.recommendation}${event.issues.length === 0 ? '' : ` (${event.issues.map((issue) => oneLine(issue)).join('; ')})`}`;
    case 'feedback.missing':
      return `${event.stage} gave no rating of ${event.about}: ${oneLine(event.reason)}`;
    case 'gate.answered':
      return `gate before ${event.stage}: ${event.answer}`;
    case 'stage.finished':
      return event.status === 'succeeded'
        ? `${event.stage}: done${tookOf(state, event.stage)}`
        : `${event.stage}: failed, ${event.code ?? ''} ${oneLine(event.message ?? '', 300)}`;
    case 'notice':
      return `${event.stage ?? 'run'}: ${oneLine(event.message, 300)}`;
    case 'stop.requested':
      return `stopping: ${reasonOf(event.code).message}`;
    case 'work.failed':
      return `failed: ${event.code} ${oneLine(event.message, 300)}`;
    case 'run.closed':
      return closedLine(event);
    case 'segment.started':
      return segmentLine(event, state);
    case 'approval.requested':
    case 'approval.notified':
    case 'approval.voted':
    case 'approval.delegated':
    case 'approval.closed':
    case 'request.refused':
      return approvalLine(event, state);
    case 'rollback.started':
    case 'rollback.step.started':
    case 'rollback.step.finished':
    case 'rollback.finished':
      return rollbackLine(event, state);
    case 'settings.changed':
    case 'condition.met':
    case 'session.opened':
    case 'attempt.spent':
    case 'checkpoint.made':
    case 'question.answered':
    case 'run.stopped':
    case 'run.finished':
    case 'diagnostic.written':
    case 'history.recorded':
      return undefined;
  }
}

function closedLine(event: Extract<RunEvent, { type: 'run.closed' }>): string | undefined {
  const files = `${event.files.length} ${event.files.length === 1 ? 'file' : 'files'}`;
  if (event.commit !== undefined) return `committed ${event.commit.slice(0, 10)}: ${files}`;
  if (event.outcome !== 'exported') return undefined;
  return `exported ${files} to ${oneLine(event.location ?? '', 200)}${event.validationPassed ? '' : ', which are not valid'}`;
}

/** What an agent does right now, in a few words; undefined for events that are no news. */
export function activityOf(event: AgentEvent): string | undefined {
  switch (event.type) {
    case 'tool':
      return event.phase === 'start'
        ? oneLine(`${event.name ?? 'tool'} ${event.subject ?? ''}`, 80)
        : undefined;
    case 'file':
      return oneLine(`${event.kind} ${event.path}`, 80);
    case 'permission':
      return event.allowed
        ? undefined
        : oneLine(`not allowed: ${event.name} ${event.subject ?? ''} (${event.message ?? ''})`, 80);
    case 'message':
      return oneLine(event.text, 80);
    case 'retry':
      return oneLine(`waiting for the model (${event.status ?? event.message ?? 'retry'})`, 80);
    case 'error':
      return oneLine(event.message, 80);
    case 'started':
      return 'started';
    case 'usage':
    case 'result':
    case 'raw':
      return undefined;
  }
}

/** A pipeline's run keeps its id; each part of a feature's work has one of its own, by which people know it. */
function segmentLine(
  event: Extract<RunEvent, { type: 'segment.started' }>,
  state: RunState,
): string | undefined {
  if (event.previousRunId === null) return undefined;
  const run = state.created.feature === undefined ? `run ${state.executionId}` : `as run ${event.runId}`;
  if (event.purpose === 'rollback') return `undoing stages of run ${state.executionId}`;
  return `continuing ${run}${event.from === undefined ? '' : `, again from ${event.from}`}`;
}

function frameName(event: { stage: string; frame: number }, state: RunState): string {
  const frames = state.stages.get(event.stage)?.frames ?? [];
  return frames.length > 1 ? `${event.stage} ${event.frame + 1}/${frames.length}` : event.stage;
}

function generatedLine(
  event: Extract<RunEvent, { type: 'attempt.generated' }>,
  state: RunState,
): string | undefined {
  const name = frameName(event, state);
  if (event.question !== undefined) return `${name}: asks: ${oneLine(event.question, 300)}`;
  const usage = event.usage === undefined ? '' : usedText(event.usage);
  if (event.outcome !== 'ok' && isLastTry(event, state)) return undefined;
  if (event.outcome === 'ok') return usage === '' ? undefined : `${name}: agent done${usage}`;
  return `${name}: ${event.outcome}${event.message === undefined ? '' : `, ${oneLine(event.message, 300)}`}${usage}`;
}

function usedText({ input, output, tokensIncomplete, costMicroUsd }: Usage): string {
  const tokens = tokensIncomplete === true ? '' : `, ${formatCount(input + output)} tokens`;
  return costMicroUsd === undefined ? tokens : `${tokens}, ${formatMoney(costMicroUsd)}`;
}

function tookOf(state: RunState, stage: string): string {
  const { startedAt, endedAt } = state.stages.get(stage) ?? {};
  if (startedAt === undefined || endedAt === undefined) return '';
  return ` in ${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}`;
}

/** Whether the end of the stage or frame, which comes next, will say the same of this command. */
function isLastTry(
  event: { readonly stage: string; readonly frame: number; readonly attempt: number },
  state: RunState,
): boolean {
  const frame = state.stages.get(event.stage)?.frames[event.frame];
  const attempts = event.attempt - (frame?.attemptsBefore ?? 0);
  return isCommand(event, state) && attempts > (state.definitions.get(event.stage)?.retries ?? 0);
}

/** Whether the line of a frame's last attempt has said why. */
function isToldBefore(event: { readonly stage: string; readonly frame: number }, state: RunState): boolean {
  const last = state.stages.get(event.stage)?.frames[event.frame]?.attempts.at(-1);
  return last !== undefined && !isLastTry({ ...event, attempt: last.number }, state);
}

function isLookedOver({ stage }: { readonly stage: string }, state: RunState): boolean {
  const definition = state.definitions.get(stage);
  return definition?.contract !== undefined || definition?.audit !== undefined;
}

function isCommand({ stage }: { readonly stage: string }, state: RunState): boolean {
  return state.definitions.get(stage)?.work.kind === 'command';
}
