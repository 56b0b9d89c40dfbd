import * as z from 'zod';
import { retryConfigSchema } from '../config/retry-config.ts';

/**
 * Everything that can happen to a run, as written to its journal (spec: protocols, journal).
 * Envelope `{v, seq, epoch, at, runId}`; `at` is ISO 8601 UTC; `runId` is that of the segment.
 */
const text = z.string();
const frameKey = { stage: text, frame: z.int().check(z.gte(0)), attempt: z.int().check(z.gte(1)) };

const usage = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.exactOptional(z.number()),
  cacheWrite: z.exactOptional(z.number()),
  costMicroUsd: z.exactOptional(z.number()),
});

const limits = z.object({
  retryRate: z.exactOptional(z.number()),
  rejectRate: z.exactOptional(z.number()),
  afterFrames: z.exactOptional(z.number()),
  consecutiveFails: z.exactOptional(z.number()),
  maxAttempts: z.exactOptional(z.number()),
  maxCostMicroUsd: z.exactOptional(z.number()),
  maxTokens: z.exactOptional(z.number()),
  maxDurationMs: z.exactOptional(z.number()),
});

const stage = z.object({
  name: text,
  needs: z.array(text),
  work: z.union([
    z.object({
      kind: z.literal('agent'),
      agent: text,
      task: z.exactOptional(text),
      model: z.exactOptional(text),
    }),
    z.object({ kind: z.literal('command'), run: text }),
  ]),
  timeoutMs: z.number(),
  retries: z.number(),
  repairs: z.number(),
  onFailure: z.enum(['halt', 'continue']),
  contract: z.exactOptional(text),
  foreach: z.exactOptional(text),
  reviews: z.exactOptional(z.array(text)),
  when: z.exactOptional(z.object({ variable: z.record(text, text) })),
});

const pipeline = z.object({
  name: text,
  description: text,
  variables: z.record(text, text),
  maxParallel: z.number(),
  limits,
  stages: z.array(stage),
  closing: z.enum(['commit', 'none']),
});

const feature = z.object({
  slug: text,
  featureId: text,
  /** Relative to the working tree. */
  briefPath: text,
});

const settings = z.object({
  /** Runner by name, e.g. `offline`, for every agent; without it each agent's own, else the default. */
  runner: z.exactOptional(text),
  model: z.exactOptional(text),
  pauseAfter: z.exactOptional(text),
  feedback: z.boolean(),
  commit: z.boolean(),
  diffPreview: z.boolean(),
  interactive: z.boolean(),
  recordHistory: z.boolean(),
  /** Take every yes/no question as yes. */
  yes: z.boolean(),
  stageTimeoutMs: z.exactOptional(z.number()),
  limits,
});

const checkpoint = z.object({ commit: text, tree: text });

const bodies = {
  'run.created': z.object({
    type: z.literal('run.created'),
    pipeline,
    feature: z.exactOptional(feature),
    settings,
    variables: z.record(text, text),
    /** Share of failed runs per stage in recent history, 0..1: an input of the retry strategy. */
    failureRates: z.record(text, z.number()),
    /** The retry configuration as it was when the run began. */
    retry: retryConfigSchema,
    workingTree: text,
    /** The working tree as it was before the run touched it. */
    base: z.exactOptional(checkpoint),
    head: z.nullable(text),
    dirty: z.array(text),
    version: text,
  }),
  'segment.started': z.object({
    type: z.literal('segment.started'),
    previousRunId: z.nullable(text),
    settings: z.exactOptional(settings),
  }),
  'stage.started': z.object({
    type: z.literal('stage.started'),
    stage: text,
    frames: z.array(z.object({ title: text, tests: z.exactOptional(z.array(text)) })),
  }),
  'stage.skipped': z.object({
    type: z.literal('stage.skipped'),
    stage: text,
    reason: z.enum([
      'WHEN_FALSE',
      'WHEN_UNKNOWN',
      'UPSTREAM_SKIPPED',
      'UPSTREAM_FAILED',
      'RUN_HALTED',
      'NOT_SELECTED',
    ]),
    detail: z.exactOptional(text),
  }),
  'attempt.started': z.object({
    type: z.literal('attempt.started'),
    ...frameKey,
    agent: text,
    runner: text,
    model: z.exactOptional(text),
    strategy: z.exactOptional(text),
    strategyReason: z.exactOptional(text),
    sessionId: z.exactOptional(text),
  }),
  'attempt.generated': z.object({
    type: z.literal('attempt.generated'),
    ...frameKey,
    outcome: text,
    message: z.exactOptional(text),
    exitCode: z.exactOptional(z.number()),
    sessionId: z.exactOptional(text),
    model: z.exactOptional(text),
    agentVersion: z.exactOptional(text),
    usage: z.exactOptional(usage),
    logFile: z.exactOptional(text),
    question: z.exactOptional(text),
  }),
  'attempt.judged': z.object({
    type: z.literal('attempt.judged'),
    ...frameKey,
    verdict: z.enum(['approved', 'rejected']),
    code: z.exactOptional(text),
    findings: z.array(text),
    outputs: z.exactOptional(z.record(text, text)),
    /** Titles of tests that are declared but not yet made: neither green nor red. */
    pendingTests: z.exactOptional(z.array(text)),
  }),
  'attempt.abandoned': z.object({ type: z.literal('attempt.abandoned'), ...frameKey, reason: text }),
  'session.opened': z.object({ type: z.literal('session.opened'), ...frameKey, sessionId: text }),
  'checkpoint.made': z.object({ type: z.literal('checkpoint.made'), ...frameKey, checkpoint }),
  'feedback.given': z.object({
    type: z.literal('feedback.given'),
    stage: text,
    about: text,
    rating: z.number(),
    issues: z.array(text),
    recommendation: z.enum(['proceed', 'pause', 'revise']),
    verdict: z.enum(['proceed', 'gate', 'revise']),
    usage: z.exactOptional(usage),
  }),
  'feedback.missing': z.object({
    type: z.literal('feedback.missing'),
    stage: text,
    about: text,
    reason: text,
  }),
  'gate.answered': z.object({
    type: z.literal('gate.answered'),
    stage: text,
    answer: z.enum(['continue', 'pause', 'abort', 'revise']),
    comment: z.exactOptional(text),
  }),
  'question.answered': z.object({
    type: z.literal('question.answered'),
    ...frameKey,
    answer: text,
    requestId: z.exactOptional(text),
  }),
  'stage.finished': z.object({
    type: z.literal('stage.finished'),
    stage: text,
    status: z.enum(['succeeded', 'failed']),
    code: z.exactOptional(text),
    message: z.exactOptional(text),
  }),
  'work.failed': z.object({
    type: z.literal('work.failed'),
    stage: z.exactOptional(text),
    code: text,
    message: text,
  }),
  notice: z.object({ type: z.literal('notice'), stage: z.exactOptional(text), message: text }),
  'stop.requested': z.object({
    type: z.literal('stop.requested'),
    code: text,
    requestId: z.exactOptional(text),
    actor: z.exactOptional(text),
  }),
  'run.closed': z.object({
    type: z.literal('run.closed'),
    outcome: z.enum(['committed', 'nothing-to-commit', 'not-asked', 'declined']),
    commit: z.exactOptional(text),
    files: z.array(text),
    validationPassed: z.boolean(),
  }),
  'run.stopped': z.object({
    type: z.literal('run.stopped'),
    code: text,
    message: z.exactOptional(text),
    threshold: z.number(),
    actual: z.number(),
  }),
  'run.finished': z.object({
    type: z.literal('run.finished'),
    status: z.enum(['succeeded', 'failed', 'cancelled']),
    code: text,
    message: z.exactOptional(text),
    failedStage: z.exactOptional(text),
  }),
  'history.recorded': z.object({ type: z.literal('history.recorded') }),
} as const;

export const runEventBodySchema = z.discriminatedUnion('type', [
  bodies['run.created'],
  bodies['segment.started'],
  bodies['stage.started'],
  bodies['stage.skipped'],
  bodies['attempt.started'],
  bodies['attempt.generated'],
  bodies['attempt.judged'],
  bodies['attempt.abandoned'],
  bodies['session.opened'],
  bodies['checkpoint.made'],
  bodies['feedback.given'],
  bodies['feedback.missing'],
  bodies['gate.answered'],
  bodies['question.answered'],
  bodies['stage.finished'],
  bodies['work.failed'],
  bodies.notice,
  bodies['stop.requested'],
  bodies['run.closed'],
  bodies['run.stopped'],
  bodies['run.finished'],
  bodies['history.recorded'],
]);

const envelopeSchema = z.object({
  v: z.literal(1),
  seq: z.int(),
  epoch: z.int(),
  at: text,
  runId: text,
});

export const runEventSchema = z.intersection(envelopeSchema, runEventBodySchema);

/** The version of the event form that this program writes. */
export const JOURNAL_VERSION = 1;

export type RunEventBody = z.infer<typeof runEventBodySchema>;
export type RunEvent = z.infer<typeof envelopeSchema> & RunEventBody;
export type RunCreated = z.infer<(typeof bodies)['run.created']>;
export type RunSettings = z.infer<typeof settings>;
