import * as z from 'zod';
import { HISTORY_STAGES } from './stage-order.ts';

const instant = z.iso.datetime({ precision: 3 });
const count = z.int().nonnegative();

/** Tokens of one stage, all attempts together. A figure that the agent did not report is absent, never 0. */
const tokens = z.looseObject({
  input: count.optional(),
  output: count.optional(),
  cacheRead: count.optional(),
  cacheWrite: count.optional(),
  total: count.optional(),
});

/** What the next agent said about this stage's work. */
const feedback = z.looseObject({
  rating: z.number().optional(),
  issues: z.array(z.string()).optional(),
  recommendation: z.string().optional(),
});

const stage = z.looseObject({
  startedAt: instant,
  completedAt: instant,
  durationMs: count,
  status: z.string().optional(),
  attempts: count.optional(),
  agent: z.string().optional(),
  model: z.string().optional(),
  tokens: tokens.optional(),
  /** USD; see `usdOf`. */
  cost: z.number().nonnegative().optional(),
  /** Not every attempt told what it cost: it was more. */
  costIncomplete: z.literal(true).optional(),
  feedback: feedback.optional(),
});

/** Frames and attempts of the whole run so far, as its status has them (spec: run-status). Rates 0..1. */
const metrics = z.looseObject({
  total_frames: count,
  frames_completed: count,
  frames_failed: count,
  frames_remaining: count,
  total_attempts: count,
  retry_rate: z.number(),
  reject_rate: z.number(),
});

/**
 * One ended run of `implement-feature` in `pipeline-history.json` (spec: history-and-telemetry, Recorder).
 * Extra keys are kept: other tools write into the same file.
 */
export const historyEntrySchema = z.looseObject({
  slug: z.string(),
  status: z.enum(['success', 'failed', 'paused']),
  /** UUID of this segment of the run; a continued run has a new one. */
  runId: z.string(),
  /** The segment that this one continues. */
  previousRunId: z.string().optional(),
  featureId: z.string().optional(),
  startedAt: instant,
  completedAt: instant,
  totalDurationMs: count,
  /** Every stage executed so far; a skipped one has no key. */
  stages: z.partialRecord(z.enum(HISTORY_STAGES), stage),
  failedStage: z.string().nullable(),
  pausedAfter: z.string().nullable(),
  reasonCode: z.string().optional(),
  commitHash: z.string().optional(),
  /** USD; see `usdOf`. Absent when no stage reported a cost. */
  totalCost: z.number().nonnegative().optional(),
  /** Not every agent told what it cost: it was more. */
  costIncomplete: z.literal(true).optional(),
  metrics: metrics.optional(),
  pipelineVersion: z.string().optional(),
});

export type HistoryEntry = z.infer<typeof historyEntrySchema>;
export type HistoryStage = z.infer<typeof stage>;
