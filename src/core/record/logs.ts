import type { AttemptState, FrameState, RunState, StageState } from '../run/state.ts';

/** One piece of work that printed something, by the name of its log below `logs/`, without `.log`. */
export interface LogRow {
  readonly name: string;
  /** Absent of the run's export. */
  readonly stage?: string;
  /** As in `MURMUR8_JOB`. */
  readonly job: 'work' | 'audit' | 'undo' | 'export' | 'validate';
  /** `attempt 2`, `frame 3, attempt 1, audit`, `undoing`. */
  readonly title: string;
  /** Counted from 0; both are absent of what belongs to no attempt. */
  readonly frame?: number;
  readonly attempt?: number;
  /** `running`, `interrupted` with its run, or how it ended. */
  readonly outcome: string;
  /** Absent where nobody recorded it. */
  readonly startedAt?: string;
  /** It may be that there was no such work: only its log tells. */
  readonly unsure?: true;
}

export interface LogFilter {
  /** `export` is the run's export, where there is no such stage. */
  readonly stage?: string;
  readonly attempt?: number;
}

/** Which logs a run has, in the order in which the work began; audits behind their attempt, the export at the end. */
export function logRows(state: RunState, only: LogFilter, lostOwner: boolean): LogRow[] {
  const isOver = lostOwner || state.endedAt !== undefined;
  const rows: { readonly at: string; readonly row: LogRow }[] = [];
  for (const stage of state.stages.values()) {
    if (only.stage !== undefined && only.stage !== stage.name) continue;
    for (const frame of stage.frames)
      for (const attempt of frame.attempts)
        if (only.attempt === undefined || only.attempt === attempt.number)
          for (const row of rowsOfAttempt(state, stage, frame, attempt, isOver))
            rows.push({ at: attempt.startedAt, row });
  }
  if (only.attempt === undefined)
    for (const row of undoRows(state, only.stage)) rows.push({ at: row.startedAt ?? '', row });
  // Sorting keeps the order of what began at the same time.
  rows.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  return [...rows.map(({ row }) => row), ...exportRows(state, only, isOver)];
}

/** True of the word that stands for the run's export where a stage may be named. */
export function namesExport(state: RunState, stage: string): boolean {
  return stage === 'export' && state.pipeline.export !== undefined && !state.stages.has(stage);
}

function rowsOfAttempt(
  state: RunState,
  stage: StageState,
  { index, attempts, phase }: FrameState,
  attempt: AttemptState,
  isOver: boolean,
): LogRow[] {
  const { number, outcome, startedAt, strategy } = attempt;
  const name = `${stage.name}/${index}-${number}`;
  const which = stage.frames.length > 1 ? `frame ${index + 1}, attempt` : 'attempt';
  const title = `${which} ${number}`;
  const about = { stage: stage.name, frame: index, attempt: number };
  const work: LogRow = {
    ...about,
    name,
    job: 'work',
    title: strategy === undefined ? title : `${title} (${strategy})`,
    outcome: outcome === 'running' && isOver ? 'interrupted' : outcome,
    startedAt,
  };
  const isLast = attempts.at(-1) === attempt;
  const isChecked = isLast && phase === 'auditing' && state.definitions.get(stage.name)?.audit !== undefined;
  const outcomes = auditOutcomes(attempt, name, isChecked ? (isOver ? 'interrupted' : 'running') : undefined);
  const audits = outcomes.map((ended, nth): LogRow => {
    const again = nth === 0 ? '' : ` ${nth + 1}`;
    const file = `${name}-audit${nth === 0 ? '' : `-${nth + 1}`}`;
    return { ...about, name: file, job: 'audit', title: `${title}, audit${again}`, outcome: ended };
  });
  return [work, ...audits];
}

/** How the audits of an attempt ended, in order: those that could not be made, then the one that judged or is at it. */
function auditOutcomes(attempt: AttemptState, name: string, atWork: string | undefined): string[] {
  const failed = (attempt.auditFailures ?? []).map(({ outcome }) => outcome);
  const next = `/${name}-audit${failed.length === 0 ? '' : `-${failed.length + 1}`}.log`;
  // A result may also be judged by what it left, before anybody looks at it.
  if (attempt.verdict !== undefined)
    return attempt.auditLogFile?.endsWith(next) === true ? [...failed, attempt.verdict] : failed;
  return atWork === undefined ? failed : [...failed, atWork];
}

function undoRows(state: RunState, only: string | undefined): LogRow[] {
  return state.rollbacks.flatMap(({ steps }, index) =>
    steps.flatMap(({ stage, startedAt, status }): LogRow[] => {
      if (startedAt === undefined || (only !== undefined && only !== stage)) return [];
      const name = `${stage}/undo-${index + 1}`;
      const row: LogRow = { name, stage, job: 'undo', title: 'undoing', outcome: status, startedAt };
      return state.definitions.get(stage)?.foreach === undefined ? [row] : undoneFrames(state, row);
    }),
  );
}

/** Frames are undone one by one, the last first; it may be that only some of them had been begun. */
function undoneFrames(state: RunState, row: LogRow): LogRow[] {
  const { frames = [], earlier = [] } = state.stages.get(row.stage ?? '') ?? {};
  return Array.from({ length: Math.max(frames.length, earlier.length) }, (_, frame): LogRow => {
    const title = `undoing frame ${frame + 1}`;
    return { ...row, name: `${row.name}-${frame}`, title, frame, unsure: true };
  }).reverse();
}

/** Each part of a run may have begun its export; of those before the last one nothing but the logs is left. */
function exportRows(state: RunState, { stage, attempt }: LogFilter, isOver: boolean): LogRow[] {
  const definition = state.pipeline.export;
  if (definition === undefined || attempt !== undefined) return [];
  if (stage !== undefined && !namesExport(state, stage)) return [];
  return state.runIds.flatMap((_, index) => {
    const suffix = index === 0 ? '' : `-${index + 1}`;
    const isLast = index === state.runIds.length - 1;
    const part = state.runIds.length > 1 ? `, part ${index + 1} of the run` : '';
    return (['run', 'validate'] as const).flatMap((which): LogRow[] => {
      if (definition[which] === undefined) return [];
      const outcome = isLast ? exportOutcome(state, which, isOver) : 'ended';
      return [
        {
          name: `export/${which}${suffix}`,
          job: which === 'run' ? 'export' : 'validate',
          title: `${which === 'run' ? 'making' : 'validating'}${part}`,
          outcome,
          unsure: true,
        },
      ];
    });
  });
}

function exportOutcome({ closed }: RunState, which: 'run' | 'validate', isOver: boolean): string {
  if (closed === undefined) return isOver ? 'interrupted' : 'running';
  if (which === 'run') return closed.outcome === 'failed' ? 'failed' : 'ok';
  return closed.validationPassed ? 'passed' : 'failed';
}
