import { isRecordedEntry } from '../history/recorded-entry.ts';
import { stagePosition } from '../history/stage-order.ts';
import { type Anomalies, createAnomalies } from './anomalies.ts';
import { type Calibration, createCalibration } from './calibration.ts';
import { createFailures, type FailurePattern, type StopPattern } from './failures.ts';
import { MINIMUMS } from './minimums.ts';
import { createOutcomes, type Outcomes } from './outcomes.ts';
import { type PipelineFigures, type PipelineRunRow, pipelineFigures } from './pipelines.ts';
import { type Proposal, propose, type StageEvidence } from './propose.ts';
import { type Recommendation, recommend } from './recommend.ts';
import { type RunView, viewRun } from './run-view.ts';
import { createStageEvidence } from './stage-evidence.ts';
import { type Bottleneck, createStageFigures } from './stage-figures.ts';
import { indexTasks } from './task-of-run.ts';
import type { TaskRow } from './task-rows.ts';
import { createTimeline, type TimelineStep } from './timeline.ts';
import { createTrends, type Trends } from './trends.ts';
import { createWorkCases, type WorkSuccess } from './work-cases.ts';

export interface InsightsInput {
  /** Elements of `pipeline-history.json`, newest first; whatever is no entry is passed over and counted. */
  readonly entries: Iterable<unknown>;
  /** Start of the oldest and of the newest entry, in ms; undefined where it cannot be read. */
  readonly oldestMs: number | undefined;
  readonly newestMs: number | undefined;
  readonly tasks: readonly TaskRow[];
  /** Newest first. */
  readonly pipelineRuns: Iterable<PipelineRunRow>;
  /** Only runs that started at or after this count, but for what the trends compare them with. In ms. */
  readonly sinceMs?: number | undefined;
  /** Only these features (and tasks of these ids). Empty: all. */
  readonly features: readonly string[];
  /** The gate of feedback-config: a lower rating is a low one. */
  readonly minRating: number;
}

/** Everything that `insights` says, ready to be printed as JSON. */
export interface Insights {
  readonly outcomes: Outcomes;
  /** Elements of the history that are no entries this version can read. */
  readonly passedOver: number;
  readonly timeline: readonly TimelineStep[];
  readonly bottlenecks: readonly Bottleneck[];
  readonly failures: readonly FailurePattern[];
  readonly stops: readonly StopPattern[];
  readonly anomalies: Anomalies;
  readonly trends: Trends;
  readonly calibration: readonly Calibration[];
  readonly work: WorkSuccess;
  readonly pipelines: readonly PipelineFigures[];
  readonly proposals: readonly Proposal[];
  readonly recommendations: readonly Recommendation[];
  readonly minimums: typeof MINIMUMS;
}

/** Where nobody says since when: the last thirty days up to the newest run, so that an old history still has a trend. */
const WINDOW_MS = 30 * 86_400_000;
const LISTED_PATTERNS = 20;

/** All findings in one pass, in memory that does not grow with the number of runs. */
export function insightsOf(input: InsightsInput): Insights {
  const { sinceMs, newestMs } = input;
  const isWanted = (startMs: number): boolean => sinceMs === undefined || startMs >= sinceMs;
  const isFeature = wantedFeatures(input.features);
  const tasks = input.tasks.filter(({ id }) => isFeature(id));
  const taskOf = indexTasks(tasks);
  const outcomes = createOutcomes();
  const timeline = createTimeline(later(input.oldestMs, sinceMs), newestMs);
  const stages = createStageFigures();
  const failures = createFailures();
  const anomalies = createAnomalies();
  const trends = createTrends(sinceMs ?? (newestMs === undefined ? undefined : newestMs - WINDOW_MS));
  const calibration = createCalibration(input.minRating);
  const work = createWorkCases(tasks, taskOf, isWanted);
  const evidence = createStageEvidence(taskOf);
  const collectors = [outcomes, timeline, stages, failures, anomalies, calibration, work, evidence];
  let passedOver = 0;
  for (const element of input.entries) {
    const run = isRecordedEntry(element) ? viewRun(element) : undefined;
    if (run === undefined) {
      passedOver += 1;
      continue;
    }
    if (!isFeature(run.slug)) continue;
    trends.add(run);
    if (isInScope(run, sinceMs)) for (const collector of collectors) collector.add(run);
  }
  const found = {
    outcomes: outcomes.result(),
    bottlenecks: stages.bottlenecks(),
    failures: failures.patterns().slice(0, LISTED_PATTERNS),
    trends: trends.result(),
    calibration: calibration.result(),
    proposals: proposalsFrom(evidence.result()),
  };
  return {
    ...found,
    passedOver,
    timeline: found.outcomes.runs === 0 ? [] : timeline.result(),
    stops: failures.stops().slice(0, LISTED_PATTERNS),
    anomalies: anomalies.result(),
    work: work.result(),
    pipelines: input.features.length > 0 ? [] : pipelineFigures(input.pipelineRuns, isWanted),
    recommendations: recommend({ ...found, patterns: found.failures, failed: found.outcomes.failed }),
    minimums: MINIMUMS,
  };
}

/** For each stage over all work, and for each ambiguity whose own cases suffice. */
export function proposalsFrom(evidence: readonly StageEvidence[]): Proposal[] {
  const stages = [...new Set(evidence.map(({ stage }) => stage))].sort(
    (a, b) => stagePosition(a) - stagePosition(b),
  );
  return stages.flatMap((stage) => [
    propose(evidence, { stage }),
    ...['low', 'medium', 'high']
      .map((ambiguity) => propose(evidence, { stage, ambiguity }))
      .filter((proposal) => proposal.ambiguity !== undefined),
  ]);
}

function isInScope({ startMs }: RunView, sinceMs: number | undefined): boolean {
  return sinceMs === undefined || (startMs !== undefined && startMs >= sinceMs);
}

function wantedFeatures(features: readonly string[]): (slug: string) => boolean {
  const wanted = new Set(features);
  return (slug) => wanted.size === 0 || wanted.has(slug);
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}
