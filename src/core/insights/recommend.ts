import type { Calibration } from './calibration.ts';
import type { FailurePattern } from './failures.ts';
import type { Ground } from './ground.ts';
import { MINIMUMS } from './minimums.ts';
import type { Proposal } from './propose.ts';
import type { Bottleneck } from './stage-figures.ts';
import type { Change, Trends } from './trends.ts';

/** Something to do, with the facts that speak for it and the runs they rest on. Worded where it is printed. */
export type Recommendation = Ground &
  (
    | {
        readonly kind: 'failure-pattern';
        readonly stage?: string;
        readonly reasonCode: string;
        readonly of: number;
      }
    | {
        readonly kind: 'uneven-stage';
        readonly stage: string;
        readonly medianMs: number;
        readonly p90Ms: number;
      }
    | {
        readonly kind: 'retried-stage';
        readonly stage: string;
        readonly retried: number;
        readonly of: number;
      }
    | { readonly kind: 'got-worse'; readonly measure: string }
    | { readonly kind: 'ratings-foretell'; readonly stage: string }
    | { readonly kind: 'ratings-mislead'; readonly stage: string }
    | {
        readonly kind: 'use-model';
        readonly stage: string;
        readonly runner: string;
        readonly model: string;
        readonly low: number;
      }
  );

/** What the figures are drawn from. */
export interface Findings {
  readonly failed: number;
  readonly patterns: readonly FailurePattern[];
  readonly bottlenecks: readonly Bottleneck[];
  readonly trends: Trends;
  readonly calibration: readonly Calibration[];
  readonly proposals: readonly Proposal[];
}

/** A pattern behind less than a fifth of all failures is not the first thing to do. */
const PATTERN_SHARE = 0.2;
/** A stage with at least a third of all time, whose slowest tenth takes at least three times the usual. */
const STAGE_SHARE = 1 / 3;
const UNEVEN = 3;
/** More than a quarter of the executions of a stage needed another attempt. */
const RETRIED_SHARE = 0.25;

/** At most a handful of each kind, in the order in which they are worth doing. */
export function recommend(findings: Findings): Recommendation[] {
  return [
    ...findings.patterns.flatMap((pattern) => frequentFailure(pattern, findings.failed)).slice(0, 3),
    ...worse(findings.trends),
    ...findings.bottlenecks.flatMap(retriedStage).slice(0, 2),
    ...findings.bottlenecks.flatMap(unevenStage).slice(0, 2),
    ...findings.calibration.flatMap(aboutRatings),
    ...findings.proposals.flatMap(betterModel),
  ];
}

function frequentFailure(pattern: FailurePattern, of: number): Recommendation[] {
  const { stage, reasonCode, kind, share, runs, runIds } = pattern;
  if (runs < MINIMUMS.pattern || share < PATTERN_SHARE || kind === 'person' || reasonCode === undefined)
    return [];
  return [
    { kind: 'failure-pattern', ...(stage === undefined ? {} : { stage }), reasonCode, of, runs, runIds },
  ];
}

function worse({ window, rates, figures }: Trends): Recommendation[] {
  const trends: readonly { readonly measure: string; readonly change: Change }[] = [...rates, ...figures];
  return trends
    .filter(({ change }) => change === 'worse')
    .map(({ measure }) => ({ kind: 'got-worse', measure, ...window }));
}

function retriedStage({ stage, retried, counted, retriedRunIds: runIds }: Bottleneck): Recommendation[] {
  if (counted < MINIMUMS.rate || retried / counted <= RETRIED_SHARE) return [];
  return [{ kind: 'retried-stage', stage, retried, of: counted, runs: retried, runIds }];
}

function unevenStage({ stage, timed, timeShare, medianMs, p90Ms, runIds }: Bottleneck): Recommendation[] {
  if (timed < MINIMUMS.anomaly || timeShare < STAGE_SHARE) return [];
  if (medianMs === undefined || p90Ms === undefined || medianMs === 0 || p90Ms / medianMs < UNEVEN) return [];
  return [{ kind: 'uneven-stage', stage, medianMs, p90Ms, runs: timed, runIds }];
}

function aboutRatings({ stage, verdict, runs, runIds }: Calibration): Recommendation[] {
  if (verdict === 'foretells') return [{ kind: 'ratings-foretell', stage, runs, runIds }];
  return verdict === 'misleads' ? [{ kind: 'ratings-mislead', stage, runs, runIds }] : [];
}

/** Only where there was a choice to make, and it was not what most runs used anyway. */
function betterModel({ stage, choice, candidates, ambiguity }: Proposal): Recommendation[] {
  if (choice === undefined || ambiguity !== undefined || candidates.length < 2) return [];
  if (candidates.every(({ of }) => of <= choice.of)) return [];
  const { runner, model, low, of, runIds } = choice;
  return [{ kind: 'use-model', stage, runner, model, low, runs: of, runIds }];
}
