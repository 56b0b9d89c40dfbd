import type { AgentEvent } from '../../../core/agent/event.ts';
import type { RunEvent } from '../../../core/run/event.ts';
import type { RunState, StageState } from '../../../core/run/state.ts';
import { formatDuration } from '../report/duration.ts';
import { formatCount, formatMoney } from '../report/money.ts';
import { oneLine } from '../report/one-line.ts';
import { activityOf, lineForEvent } from '../report/run-lines.ts';
import type { Style } from '../report/style.ts';

const REDRAW_MS = 120;
const MARKS: Readonly<Record<string, string>> = {
  pending: '·',
  running: '▸',
  succeeded: '✓',
  failed: '✗',
  skipped: '–',
  waiting_approval: '?',
  cancelled: '✗',
};

/** The run on a terminal: a line per stage that is drawn over, and lines above it for what is worth keeping. */
export interface LiveView {
  events(events: readonly RunEvent[], state: RunState): void;
  agent(stage: string, event: AgentEvent): void;
  /** Takes the drawing away while a question stands. */
  aside<T>(question: () => Promise<T>): Promise<T>;
  line(text: string): void;
  close(): void;
}

export function createLiveView(stream: NodeJS.WriteStream, style: Style): LiveView {
  let state: RunState | undefined;
  let drawn = 0;
  let paused = false;
  const activities = new Map<string, string>();
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    events(events, next) {
      state = next;
      erase();
      for (const event of events) {
        const line = isWorthKeeping(event) ? lineForEvent(event, next) : undefined;
        if (line !== undefined) stream.write(`  ${line}\n`);
        if (event.type === 'attempt.started' || event.type === 'stage.finished')
          activities.delete(event.stage);
      }
      draw();
    },
    agent(stage, event) {
      const activity = activityOf(event);
      if (activity !== undefined) activities.set(stage, activity);
    },
    async aside(question) {
      erase();
      paused = true;
      try {
        return await question();
      } finally {
        paused = false;
      }
    },
    line(text) {
      erase();
      stream.write(`${text}\n`);
    },
    close() {
      clearInterval(timer);
      draw();
      drawn = 0;
    },
  };

  function erase(): void {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  }

  function draw(): void {
    if (state === undefined || paused) return;
    const width = Math.max(40, stream.columns ?? 80);
    const lines = [...state.stages.values()].map((stage) => stageLine(stage, width));
    erase();
    stream.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  }

  function stageLine(stage: StageState, width: number): string {
    const mark = MARKS[stage.status] ?? '·';
    const details = detailsOf(stage)
      .map((detail) => oneLine(detail, width))
      .join('  ');
    return painted(stage, `${mark} ${stage.name.padEnd(16)}  ${details}`.slice(0, width - 1));
  }

  function detailsOf(stage: StageState): string[] {
    if (stage.status === 'skipped') return [stage.skip?.detail ?? stage.skip?.reason ?? ''];
    if (stage.startedAt === undefined) return [];
    const end = stage.endedAt === undefined ? Date.now() : Date.parse(stage.endedAt);
    const attempts = stage.frames.flatMap((frame) => frame.attempts);
    const tokens = attempts.reduce(
      (sum, attempt) => sum + (attempt.usage?.input ?? 0) + (attempt.usage?.output ?? 0),
      0,
    );
    const cost = attempts.reduce((sum, attempt) => sum + (attempt.usage?.costMicroUsd ?? 0), 0);
    const attempt = stage.frames[stage.cursor]?.attempts.length ?? 0;
    return [
      formatDuration(end - Date.parse(stage.startedAt)),
      ...(stage.frames.length > 1
        ? [`step ${Math.min(stage.cursor + 1, stage.frames.length)}/${stage.frames.length}`]
        : []),
      ...(attempt > 1 ? [`attempt ${attempt}`] : []),
      ...(tokens > 0 ? [`${formatCount(tokens)} tokens`] : []),
      ...(cost > 0 ? [formatMoney(cost)] : []),
      ...(stage.status === 'running' ? [activities.get(stage.name) ?? 'working'] : []),
    ];
  }

  function painted(stage: StageState, text: string): string {
    if (stage.status === 'succeeded') return style.green(text);
    if (stage.status === 'failed') return style.red(text);
    return stage.status === 'running' ? style.yellow(text) : style.dim(text);
  }
}

/** On a terminal the table tells the rest. */
function isWorthKeeping(event: RunEvent): boolean {
  switch (event.type) {
    case 'attempt.judged':
      return event.verdict === 'rejected';
    case 'attempt.generated':
      return event.outcome !== 'ok';
    case 'feedback.given':
    case 'notice':
    case 'attempt.abandoned':
    case 'work.failed':
    case 'stop.requested':
      return true;
    default:
      return false;
  }
}
