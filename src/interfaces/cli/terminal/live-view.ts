import type { AgentEvent } from '../../../core/agent/event.ts';
import type { RunEvent } from '../../../core/run/event.ts';
import type { RunState } from '../../../core/run/state.ts';
import { charactersFor } from '../report/graph/characters.ts';
import { activityOf, lineForEvent } from '../report/run-lines.ts';
import type { Style } from '../report/style.ts';
import { createLately } from './live/choice.ts';
import { createDrawing, type TerminalStream } from './live/drawing.ts';
import { type Plan, pictureOf, planOf } from './live/picture.ts';

/** At most ten redraws a second, however much happens. */
const REDRAW_MS = 100;

/** The run on a terminal: its graph, drawn over as it moves, and lines above it for what is worth keeping. */
export interface LiveView {
  events(events: readonly RunEvent[], state: RunState): void;
  agent(stage: string, event: AgentEvent, frame?: number): void;
  /** Takes the drawing away while a question stands. */
  aside<T>(question: () => Promise<T>): Promise<T>;
  line(text: string): void;
  close(): void;
}

export function createLiveView(stream: TerminalStream, style: Style, now = Date.now): LiveView {
  const characters = charactersFor(process.env);
  const drawing = createDrawing(stream);
  const lately = createLately();
  const activities = new Map<string, Map<number, string>>();
  let state: RunState | undefined;
  let plan: Plan | undefined;
  let kept: string[] = [];
  let paused = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  stream.on('resize', draw);
  return {
    events(events, next) {
      plan ??= planOf(next.pipeline, characters);
      state = next;
      for (const event of events) {
        lately.note(event);
        const line = isWorthKeeping(event, next) ? lineForEvent(event, next) : undefined;
        if (line !== undefined) kept.push(`  ${line}`);
        endActivity(event);
      }
      if (now() - drawnAt >= REDRAW_MS) draw();
    },
    agent(stage, event, frame = 0) {
      const activity = activityOf(event);
      if (activity === undefined) return;
      const ofStage = activities.get(stage) ?? new Map<number, string>();
      activities.set(stage, ofStage.set(frame, activity));
    },
    async aside(question) {
      draw();
      drawing.erase();
      paused = true;
      try {
        return await question();
      } finally {
        paused = false;
      }
    },
    line(text) {
      if (paused) stream.write(`${text}\n`);
      else kept.push(text);
      draw();
    },
    close() {
      clearInterval(timer);
      stream.off('resize', draw);
      draw();
      drawing.leave();
    },
  };

  function activityAt(stage: string, frame?: number): string | undefined {
    const ofStage = activities.get(stage);
    return frame === undefined ? ofStage?.values().next().value : ofStage?.get(frame);
  }

  function endActivity(event: RunEvent): void {
    switch (event.type) {
      case 'attempt.started':
      case 'attempt.generated':
      case 'attempt.judged':
        activities.get(event.stage)?.delete(event.frame);
        break;
      case 'stage.finished':
      case 'rollback.step.started':
      case 'rollback.step.finished':
        activities.delete(event.stage);
        break;
      default:
    }
  }

  function draw(): void {
    if (paused) return;
    drawnAt = now();
    const above = kept;
    kept = [];
    if (state === undefined || plan === undefined) return drawing.show(above, []);
    const columns = Math.max(20, stream.columns ?? 80);
    const rows = stream.rows ?? 24;
    drawing.show(
      above,
      pictureOf({
        state,
        plan,
        lately,
        activities: activityAt,
        now: now(),
        columns,
        rows,
        style,
        characters,
      }),
    );
  }
}

/** On a terminal the drawing tells the rest. */
function isWorthKeeping(event: RunEvent, state: RunState): boolean {
  switch (event.type) {
    case 'frame.failed':
      // A stage that is one frame says it itself.
      return (state.stages.get(event.stage)?.frames.length ?? 0) > 1;
    case 'audit.failed':
      return true;
    case 'attempt.judged':
      return event.verdict === 'rejected';
    case 'attempt.generated':
      return event.outcome !== 'ok';
    case 'rollback.step.finished':
      return event.status !== 'succeeded';
    case 'attempt.waiting':
      return true;
    case 'approval.notified':
      return event.status === 'failed';
    case 'feedback.given':
    case 'notice':
    case 'attempt.abandoned':
    case 'work.failed':
    case 'stop.requested':
    case 'approval.requested':
    case 'approval.voted':
    case 'approval.delegated':
    case 'approval.closed':
    case 'request.refused':
    case 'rollback.started':
    case 'rollback.finished':
      return true;
    default:
      return false;
  }
}
