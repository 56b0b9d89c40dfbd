import { usdOf } from './money.ts';
import {
  costOf,
  durationOf,
  failedStageOf,
  pausedAfterOf,
  type RecordedEntry,
  type RecordedStage,
  textOf,
  tokensOf,
} from './recorded-entry.ts';
import { HISTORY_STAGES } from './stage-order.ts';

interface Column {
  readonly title: string;
  /** `stages` are those of the entry, read once for all columns. */
  readonly value: (entry: RecordedEntry, stages: readonly RecordedStage[]) => string | number | undefined;
}

const MEASURES: readonly [string, (stage: RecordedStage) => string | number | undefined][] = [
  ['status', (stage) => stage.status],
  ['durationMs', (stage) => stage.durationMs],
  ['attempts', (stage) => stage.attempts],
  ['model', (stage) => stage.model],
  ['tokens', (stage) => stage.tokens],
  ['costUsd', (stage) => (stage.costMicroUsd === undefined ? undefined : usdOf(stage.costMicroUsd))],
];

/** Columns of `history export --format csv`: one row per run, the stages side by side. */
export const HISTORY_COLUMNS: readonly Column[] = [
  text('runId'),
  text('previousRunId'),
  text('featureId'),
  text('slug'),
  text('status'),
  text('reasonCode'),
  { title: 'failedStage', value: failedStageOf },
  { title: 'pausedAfter', value: pausedAfterOf },
  text('startedAt'),
  text('completedAt'),
  { title: 'totalDurationMs', value: durationOf },
  { title: 'totalTokens', value: tokensOf },
  {
    title: 'totalCostUsd',
    value: (entry) => {
      const cost = costOf(entry);
      return cost === undefined ? undefined : usdOf(cost);
    },
  },
  text('commitHash'),
  text('pipelineVersion'),
  ...HISTORY_STAGES.flatMap((stage) =>
    MEASURES.map(([measure, value]) => ({
      title: `${stage}.${measure}`,
      value: (_entry: RecordedEntry, stages: readonly RecordedStage[]) => {
        const found = stages.find(({ name }) => name === stage);
        return found === undefined ? undefined : value(found);
      },
    })),
  ),
];

function text(key: string): Column {
  return { title: key, value: (entry) => textOf(entry, key) };
}
