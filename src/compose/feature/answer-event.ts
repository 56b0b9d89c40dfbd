import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';

/** The event that answers the open question; undefined when there is none. */
export function answerEvent(state: RunState, answer: string, requestId?: string): RunEventBody | undefined {
  for (const name of state.active) {
    const stage = state.stages.get(name);
    const frame = stage?.frames[stage.cursor];
    const last = frame?.attempts.at(-1);
    if (frame === undefined || last?.question === undefined || last.answer !== undefined) continue;
    return {
      type: 'question.answered',
      stage: name,
      frame: frame.index,
      attempt: last.number,
      answer,
      ...(requestId === undefined ? {} : { requestId }),
    };
  }
  return undefined;
}
