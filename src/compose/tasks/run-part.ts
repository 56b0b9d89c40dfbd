import { apply } from '../../core/run/apply.ts';
import type { RunEvent } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';

/** The part of a run that one invocation drove, and how that ended. */
export interface RunPart {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** `waiting`: for an answer, when nobody was there; `left`: whoever drove it was gone before the run had ended. */
  readonly end: 'ended' | 'waiting' | 'left';
  readonly events: readonly RunEvent[];
  /** Number of its last event. */
  readonly seq: number;
  /** The run at the end of this part, until the next part is asked for. */
  readonly state: RunState;
}

/** Without one of these, an owner has only kept the books or answered a request. */
const AT_WORK: ReadonlySet<RunEvent['type']> = new Set([
  'stage.started',
  'attempt.started',
  'attempt.generated',
  'attempt.judged',
  'run.closed',
]);
const WAITING: ReadonlySet<string> = new Set(['QUESTION_PENDING', 'APPROVAL_PENDING']);

/**
 * What each invocation did, oldest first, as far as no attempt of the task tells of it. `recorded` is the number of the
 * last event that an attempt covers. With `before`, only owners before this epoch count: the one of it is at work.
 */
export function* partsDue(
  events: readonly RunEvent[],
  look: { readonly recorded: number; readonly before?: number },
): Generator<RunPart> {
  let state: RunState | undefined;
  for (const whole of byInvocation(events)) {
    for (const event of whole) state = apply(state, event);
    const part = whole.filter(({ seq }) => seq > look.recorded);
    const [first] = part;
    const last = part.at(-1);
    if (state === undefined || first === undefined || last === undefined || !isAttempt(part)) continue;
    if (look.before !== undefined && first.epoch >= look.before) continue;
    const hasEnded = part.some(isEnd);
    yield {
      startedAt: (part.find(({ type }) => type === 'segment.started') ?? first).at,
      endedAt: hasEnded ? (state.endedAt ?? last.at) : last.at,
      end: hasEnded ? 'ended' : WAITING.has(state.code) ? 'waiting' : 'left',
      events: part,
      seq: last.seq,
      state,
    };
  }
}

/** An owner has a number of its own, and the part of a run that it begins an id. */
function byInvocation(events: readonly RunEvent[]): RunEvent[][] {
  const parts: RunEvent[][] = [];
  let newest = 0;
  for (const event of events) {
    // Its writer had lost the run.
    if (event.epoch < newest) continue;
    newest = event.epoch;
    const part = parts.at(-1);
    const before = part?.at(-1);
    if (part === undefined || before?.epoch !== event.epoch || before.runId !== event.runId)
      parts.push([event]);
    else part.push(event);
  }
  return parts;
}

/** Whoever cancels a run that had paused begins a part of it only to end it. */
function isAttempt(part: readonly RunEvent[]): boolean {
  if (part.some(({ type }) => AT_WORK.has(type))) return true;
  const hasBegun = part.some(({ type }) => type === 'segment.started');
  return hasBegun && !part.some((event) => event.type === 'run.finished' && event.status === 'cancelled');
}

function isEnd({ type }: RunEvent): boolean {
  return type === 'run.finished' || type === 'run.stopped';
}
