import * as z from 'zod';

/** ISO 8601, UTC. */
const instant = z.string();
/** Milliseconds. */
const duration = z.number();
/** Integer micro-USD. */
const money = z.number();
/** 0..1. */
const share = z.number();
const count = z.int();

/** The number of runs (or cases) behind a finding, and the ids of at most five. */
const ground = { runs: count, runIds: z.array(z.string()).readonly() };

/** `rate`, `low` and `high` (Wilson 95%) are absent where there are too few cases. */
const rate = z.strictObject({
  successes: count,
  of: count,
  enough: z.boolean(),
  rate: z.exactOptional(share),
  low: z.exactOptional(share),
  high: z.exactOptional(share),
});

const spread = z.strictObject({
  count,
  median: z.exactOptional(z.number()),
  p90: z.exactOptional(z.number()),
});

const outcomes = z.strictObject({
  runs: count,
  success: count,
  failed: count,
  paused: count,
  successRate: rate,
  from: z.exactOptional(instant),
  to: z.exactOptional(instant),
  runsWithCost: count,
  costMicroUsd: z.exactOptional(money),
});

const timelineStep = z.strictObject({
  from: instant,
  success: count,
  failed: count,
  paused: count,
  medianMs: z.exactOptional(duration),
});

const bottleneck = z.strictObject({
  stage: z.string(),
  timed: count,
  totalMs: duration,
  timeShare: share,
  medianMs: z.exactOptional(duration),
  p90Ms: z.exactOptional(duration),
  retried: count,
  /** Some of the runs in which it needed another attempt. */
  retriedRunIds: z.array(z.string()).readonly(),
  counted: count,
  priced: count,
  costMicroUsd: z.exactOptional(money),
  medianCostMicroUsd: z.exactOptional(money),
  costShare: z.exactOptional(share),
  ...ground,
});

const failurePattern = z.strictObject({
  stage: z.exactOptional(z.string()),
  reasonCode: z.exactOptional(z.string()),
  kind: z.enum(['work', 'environment', 'person']),
  share,
  last: z.exactOptional(instant),
  ...ground,
});

const stopPattern = z.strictObject({ reasonCode: z.exactOptional(z.string()), ...ground });

const anomaly = z.strictObject({
  stage: z.string(),
  /** The one whose executions it is held against; absent where none was recorded. */
  model: z.exactOptional(z.string()),
  measure: z.enum(['duration', 'cost']),
  value: z.number(),
  median: z.number(),
  factor: z.number(),
  slug: z.string(),
  runId: z.exactOptional(z.string()),
  startedAt: z.exactOptional(z.string()),
  runs: count,
});

const change = z.enum(['better', 'worse', 'same', 'not-enough-data']);

const trends = z.strictObject({
  windowFrom: z.exactOptional(instant),
  window: z.strictObject(ground),
  before: z.strictObject(ground),
  rates: z
    .array(
      z.strictObject({ measure: z.enum(['success-rate', 'retry-rate']), window: rate, before: rate, change }),
    )
    .readonly(),
  figures: z
    .array(
      z.strictObject({
        measure: z.enum(['duration', 'cost']),
        window: spread,
        before: spread,
        ratio: z.exactOptional(z.number()),
        change,
      }),
    )
    .readonly(),
});

const calibration = z.strictObject({
  stage: z.string(),
  low: rate,
  high: rate,
  byRating: z.array(z.strictObject({ rating: count, outcome: rate })).readonly(),
  verdict: z.enum(['foretells', 'misleads', 'no-clear-link', 'not-enough-data']),
  ...ground,
});

const figures = {
  success: rate,
  abandoned: count,
  medianMs: z.exactOptional(duration),
  priced: count,
  medianCostMicroUsd: z.exactOptional(money),
  taskIds: z.array(z.string()).readonly(),
  ...ground,
};
const namedWork = z.array(z.strictObject({ name: z.string(), ...figures })).readonly();

const work = z.strictObject({
  byModelAndAmbiguity: z
    .array(z.strictObject({ model: z.string(), ambiguity: z.string(), ...figures }))
    .readonly(),
  byModel: namedWork,
  byTool: namedWork,
  bySize: namedWork,
  tasks: z.strictObject({
    tasks: count,
    attempts: count,
    perAttempt: rate,
    perTask: rate,
    firstTry: rate,
    /** Sums over the tasks, by the arithmetic of seed 003; seconds. `idleSeconds` is wall clock less execution. */
    totals: z.strictObject({
      attempts: count,
      retries: count,
      executionSeconds: z.number(),
      wallClockSeconds: z.number(),
      idleSeconds: z.number(),
      overlapSeconds: z.number(),
    }),
  }),
});

const pipeline = z.strictObject({
  pipeline: z.string(),
  success: rate,
  paused: count,
  cancelled: count,
  medianMs: z.exactOptional(duration),
  p90Ms: z.exactOptional(duration),
  failures: z.array(z.strictObject({ reasonCode: z.string(), ...ground })).readonly(),
  ...ground,
});

const candidate = z.strictObject({
  runner: z.string(),
  model: z.string(),
  successes: count,
  of: count,
  low: share,
  high: share,
  medianCostMicroUsd: z.exactOptional(money),
  medianMs: z.exactOptional(duration),
  runIds: z.array(z.string()).readonly(),
});

const proposal = z.strictObject({
  stage: z.string(),
  ambiguity: z.exactOptional(z.string()),
  choice: z.exactOptional(candidate),
  reason: z.enum([
    'the-only-one',
    'surest',
    'as-sure-and-cheaper',
    'as-sure-and-faster',
    'not-enough-data',
    'not-sure-enough',
  ]),
  candidates: z.array(candidate).readonly(),
  mostCases: count,
});

const about = <Kind extends string>(kind: Kind) => ({ kind: z.literal(kind), ...ground });
const recommendation = z.discriminatedUnion('kind', [
  z.strictObject({
    ...about('failure-pattern'),
    stage: z.exactOptional(z.string()),
    reasonCode: z.string(),
    of: count,
  }),
  z.strictObject({ ...about('uneven-stage'), stage: z.string(), medianMs: duration, p90Ms: duration }),
  z.strictObject({ ...about('retried-stage'), stage: z.string(), retried: count, of: count }),
  z.strictObject({ ...about('got-worse'), measure: z.string() }),
  z.strictObject({ ...about('ratings-foretell'), stage: z.string() }),
  z.strictObject({ ...about('ratings-mislead'), stage: z.string() }),
  z.strictObject({
    ...about('use-model'),
    stage: z.string(),
    runner: z.string(),
    model: z.string(),
    low: share,
  }),
]);

/** What `insights --json` prints. Figures that nobody recorded are absent, never 0. */
export const insightsContract = z.strictObject({
  schemaVersion: z.literal(1),
  outcomes,
  /** Elements of the history that are no entries this version can read. */
  passedOver: count,
  timeline: z.array(timelineStep).readonly(),
  bottlenecks: z.array(bottleneck).readonly(),
  failures: z.array(failurePattern).readonly(),
  stops: z.array(stopPattern).readonly(),
  anomalies: z.strictObject({ found: count, listed: z.array(anomaly).readonly() }),
  trends,
  calibration: z.array(calibration).readonly(),
  work,
  pipelines: z.array(pipeline).readonly(),
  proposals: z.array(proposal).readonly(),
  recommendations: z.array(recommendation).readonly(),
  /** How many cases each kind of statement needs. */
  minimums: z.strictObject({
    rate: count,
    anomaly: count,
    comparison: count,
    proposal: count,
    pattern: count,
  }),
});

export type InsightsDocument = z.infer<typeof insightsContract>;
