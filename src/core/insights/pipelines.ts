import { placeIn } from './bounded-map.ts';
import { addRun, type Ground, type GroundTally, groundOf, newGround } from './ground.ts';
import { type Rate, rateOf } from './rate.ts';
import { createSeries, type Series, spreadOf } from './series.ts';

/** What insights reads of a line of `pipelines/history.jsonl`: an ended segment of a run of a YAML pipeline. */
export interface PipelineRunRow {
  readonly run_id: string;
  readonly pipeline: string;
  readonly status: string;
  readonly reason_code: string;
  readonly started_at: string;
  readonly completed_at: string;
}

export interface PipelineFigures extends Ground {
  readonly pipeline: string;
  readonly success: Rate;
  readonly paused: number;
  readonly cancelled: number;
  /** Of runs that succeeded, in ms. */
  readonly medianMs?: number;
  readonly p90Ms?: number;
  /** Reasons of failed runs, the most frequent first. */
  readonly failures: readonly (Ground & { readonly reasonCode: string })[];
}

/** The runs of YAML pipelines, newest first as they come, each pipeline by itself. */
export function pipelineFigures(
  rows: Iterable<PipelineRunRow>,
  isWanted: (startMs: number) => boolean,
): PipelineFigures[] {
  const tallies = new Map<string, Tally>();
  for (const row of rows) {
    const startMs = Date.parse(row.started_at);
    if (!isWanted(startMs)) continue;
    const tally = placeIn(tallies, row.pipeline, newTally);
    addRun(tally.ground, row.run_id);
    const { status } = row;
    if (status === 'succeeded' || status === 'failed' || status === 'paused' || status === 'cancelled')
      tally[status] += 1;
    if (status === 'succeeded') tally.time.add(Date.parse(row.completed_at) - startMs);
    if (status === 'failed') addRun(placeIn(tally.failures, row.reason_code, newGround), row.run_id);
  }
  return [...tallies].map(([pipeline, tally]) => figures(pipeline, tally)).sort((a, b) => b.runs - a.runs);
}

interface Tally {
  succeeded: number;
  failed: number;
  paused: number;
  cancelled: number;
  readonly time: Series;
  readonly ground: GroundTally;
  readonly failures: Map<string, GroundTally>;
}

function newTally(): Tally {
  return {
    succeeded: 0,
    failed: 0,
    paused: 0,
    cancelled: 0,
    time: createSeries(),
    ground: newGround(),
    failures: new Map(),
  };
}

function figures(pipeline: string, tally: Tally): PipelineFigures {
  const { median, p90 } = spreadOf(tally.time);
  return {
    pipeline,
    success: rateOf(tally.succeeded, tally.succeeded + tally.failed),
    paused: tally.paused,
    cancelled: tally.cancelled,
    ...(median === undefined ? {} : { medianMs: Math.round(median) }),
    ...(p90 === undefined ? {} : { p90Ms: Math.round(p90) }),
    failures: [...tally.failures]
      .map(([reasonCode, ground]) => ({ reasonCode, ...groundOf(ground) }))
      .sort((a, b) => b.runs - a.runs),
    ...groundOf(tally.ground),
  };
}
