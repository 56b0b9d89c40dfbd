import { join } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import { readLog } from '../../edges/store/read-log.ts';

/** Where one piece of work was logged. */
export interface LogSource {
  readonly stage: string;
  /** `attempt 2`, `frame 3, attempt 1`, `undoing`. */
  readonly title: string;
  /** Counted from 0; both are absent of an undoing. */
  readonly frame?: number;
  readonly attempt?: number;
  /** `running`, or how it ended. */
  readonly outcome: string;
  readonly startedAt: string;
  /** Absolute. */
  readonly file: string;
}

const BLOCK_BYTES = 1 << 16;

/** The logs of a run in the order in which the work began; of one stage or one attempt, if asked. */
export function logSources(
  state: RunState,
  runDirectory: string,
  only: { readonly stage?: string; readonly attempt?: number },
): LogSource[] {
  const sources: LogSource[] = [];
  const fileOf = (stage: string, name: string): string => join(runDirectory, 'logs', stage, `${name}.log`);
  for (const stage of state.stages.values()) {
    if (only.stage !== undefined && only.stage !== stage.name) continue;
    for (const frame of stage.frames) {
      for (const { number, outcome, startedAt } of frame.attempts) {
        if (only.attempt !== undefined && only.attempt !== number) continue;
        const which = stage.frames.length > 1 ? `frame ${frame.index + 1}, attempt` : 'attempt';
        const file = fileOf(stage.name, `${frame.index}-${number}`);
        sources.push({
          stage: stage.name,
          title: `${which} ${number}`,
          frame: frame.index,
          attempt: number,
          outcome,
          startedAt,
          file,
        });
      }
    }
  }
  if (only.attempt === undefined) sources.push(...undoSources(state, fileOf, only.stage));
  return sources.sort((left, right) => (left.startedAt < right.startedAt ? -1 : 1));
}

/** The next bytes of a log; empty at its end, undefined when it was removed or never written. */
export function nextOfLog(source: LogSource, position: number): Result<Buffer | undefined> {
  return readLog(source.file, position, BLOCK_BYTES);
}

/** A whole log; undefined when it was removed or never written. */
export function textOfLog(source: LogSource): Result<string | undefined> {
  const blocks: Buffer[] = [];
  for (let position = 0; ; ) {
    const read = nextOfLog(source, position);
    if (!read.ok) return read;
    if (read.value === undefined) return ok(undefined);
    if (read.value.length === 0) return ok(Buffer.concat(blocks).toString('utf8'));
    blocks.push(read.value);
    position += read.value.length;
  }
}

function undoSources(
  state: RunState,
  fileOf: (stage: string, name: string) => string,
  only: string | undefined,
): LogSource[] {
  return state.rollbacks.flatMap(({ steps }, index) =>
    steps.flatMap(({ stage, startedAt, status }): LogSource[] => {
      if (startedAt === undefined || (only !== undefined && only !== stage)) return [];
      const file = fileOf(stage, `undo-${index + 1}`);
      return [{ stage, title: 'undoing', outcome: status, startedAt, file }];
    }),
  );
}
