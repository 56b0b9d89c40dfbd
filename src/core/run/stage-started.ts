import { count } from './counters.ts';
import type { EventOf } from './event-of.ts';
import { recountFrames, wasRetried } from './frames.ts';
import { stageOf } from './lookup.ts';
import type { RunState } from './state.ts';

/**
 * A stage that was counted as one frame is opened, and has as many as the event says. The attempts that it made
 * before it was reset stay with the frames of the same place.
 */
export function stageStarted(state: RunState, event: EventOf<'stage.started'>): void {
  const stage = stageOf(state, event.stage);
  const before = stage.earlier;
  stage.status = 'running';
  stage.startedAt ??= event.at;
  stage.frames = event.frames.map((frame, index) => {
    const attempts = before[index]?.attempts ?? [];
    if (wasRetried(attempts)) count(state, stage, 'retriedFrames', 1);
    return {
      index,
      title: frame.title,
      tests: frame.tests ?? [],
      phase: 'pending',
      attempts,
      attemptsBefore: attempts.length,
      ...(attempts.length === 0 ? {} : { madeBefore: attempts.length }),
    };
  });
  stage.earlier = before.slice(stage.frames.length);
  recountFrames(stage);
  count(state, stage, 'totalFrames', event.frames.length - 1);
  state.ready.delete(event.stage);
  state.active.add(event.stage);
  state.phase = 'running';
}
