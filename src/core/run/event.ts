import * as z from 'zod';
import { retryConfigSchema } from '../config/retry-config.ts';
import { approvalBodies } from './approval-event-schema.ts';
import { attemptBodies } from './attempt-event-schema.ts';
import { limitsSchema, pipelineSchema } from './definition-schema.ts';
import { checkpointSchema, requestIdSchema, usageSchema } from './event-parts.ts';
import { rollbackBodies } from './rollback-event-schema.ts';

/**
 * Everything that can happen to a run, as written to its journal (spec: protocols, journal).
 * Envelope `{v, seq, epoch, at, runId}`; `at` is ISO 8601 UTC; `runId` is that of the segment.
 */
const text = z.string();

const feature = z.object({
  slug: text,
  featureId: text,
  /** Relative to the working tree. */
  briefPath: text,
});

/** Why a stage got its model where `--model auto` was asked for. Without `model`: the one that is configured. */
const modelChoice = z.object({
  stage: text,
  runner: text,
  model: z.exactOptional(text),
  /** See core/insights/propose.ts. */
  reason: text,
  /** The task's, where its cases alone decided. */
  ambiguity: z.exactOptional(text),
  successes: z.exactOptional(z.number()),
  of: z.exactOptional(z.number()),
  /** Some of the runs that it rests on. */
  runIds: z.array(text),
});

const settings = z.object({
  /** Runner by name, e.g. `offline`, for every agent; without it each agent's own, else the default. */
  runner: z.exactOptional(text),
  /** Runners that take over where `runner` cannot be had, in this order. */
  fallbackRunners: z.exactOptional(z.array(text)),
  model: z.exactOptional(text),
  modelChoices: z.exactOptional(z.array(modelChoice)),
  pauseAfter: z.exactOptional(text),
  feedback: z.boolean(),
  commit: z.boolean(),
  diffPreview: z.boolean(),
  interactive: z.boolean(),
  recordHistory: z.boolean(),
  /** Take every yes/no question as yes. */
  yes: z.boolean(),
  stageTimeoutMs: z.exactOptional(z.number()),
  /** Of single stages: it wins over `stageTimeoutMs`. */
  stageTimeouts: z.exactOptional(z.record(text, z.number())),
  limits: limitsSchema,
  /** Of single stages: each wins over the stage's own of the definition. */
  stageLimits: z.exactOptional(z.record(text, limitsSchema)),
});

/** What is known about the cause of a run (condition/evaluated.ts). */
const facts = z.object({
  branch: z.exactOptional(text),
  paths: z.exactOptional(z.array(text)),
  labels: z.exactOptional(z.array(text)),
  event: z.exactOptional(z.record(text, text)),
});

/** What made the run begin. */
const cause = z.object({
  kind: z.enum(['manual', 'event', 'schedule']),
  /** Type of the event, such as `pull_request.merged`. */
  event: z.exactOptional(text),
  /** Id under which it was delivered: the same one never starts a second run. */
  deliveryId: z.exactOptional(text),
  actor: text,
});

const evaluated = z.object({
  test: z.enum(['branch', 'path', 'label', 'variable', 'all', 'any', 'not']),
  value: z.union([z.boolean(), z.literal('unknown')]),
  reason: text,
  get of() {
    return z.exactOptional(z.array(evaluated));
  },
});

const bodies = {
  ...attemptBodies,
  ...approvalBodies,
  ...rollbackBodies,
  'run.created': z.object({
    type: z.literal('run.created'),
    pipeline: pipelineSchema,
    /** Absent in feature runs. */
    cause: z.exactOptional(cause),
    facts: z.exactOptional(facts),
    /** Group of runs that do not overlap, with its variables filled in. */
    concurrencyGroup: z.exactOptional(text),
    /** Registry id and revision of the definition, where it is registered. */
    registered: z.exactOptional(z.object({ id: text, revision: z.number(), hash: text })),
    feature: z.exactOptional(feature),
    settings,
    variables: z.record(text, text),
    /** Share of failed runs per stage in recent history, 0..1: an input of the retry strategy. */
    failureRates: z.record(text, z.number()),
    /** The retry configuration as it was when the run began. */
    retry: retryConfigSchema,
    workingTree: text,
    /** The working tree as it was before the run touched it. */
    base: z.exactOptional(checkpointSchema),
    head: z.nullable(text),
    dirty: z.array(text),
    version: text,
  }),
  'segment.started': z.object({
    type: z.literal('segment.started'),
    previousRunId: z.nullable(text),
    settings: z.exactOptional(settings),
    /** `rollback`: finished and failed stages stay as they are, a person undoes some of them. Absent: `continue`. */
    purpose: z.exactOptional(z.enum(['continue', 'rollback'])),
    /** The stage from which all is done again, with everything after it. */
    from: z.exactOptional(text),
    actor: z.exactOptional(text),
  }),
  /** Whoever goes on with a run whose owner died said something else than whoever began it. */
  'settings.changed': z.object({ type: z.literal('settings.changed'), settings }),
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
    condition: z.exactOptional(evaluated),
  }),
  'condition.met': z.object({ type: z.literal('condition.met'), stage: text, condition: evaluated }),
  'feedback.given': z.object({
    type: z.literal('feedback.given'),
    stage: text,
    about: text,
    rating: z.number(),
    issues: z.array(text),
    recommendation: z.enum(['proceed', 'pause', 'revise']),
    verdict: z.enum(['proceed', 'gate', 'revise']),
    usage: z.exactOptional(usageSchema),
  }),
  'feedback.missing': z.object({
    type: z.literal('feedback.missing'),
    stage: text,
    about: text,
    reason: text,
    usage: z.exactOptional(usageSchema),
  }),
  'gate.answered': z.object({
    type: z.literal('gate.answered'),
    stage: text,
    answer: z.enum(['continue', 'pause', 'abort', 'revise']),
    comment: z.exactOptional(text),
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
  'request.refused': z.object({
    type: z.literal('request.refused'),
    requestId: text,
    actor: text,
    kind: text,
    code: z.enum(['forbidden', 'conflict', 'not-found']),
    message: text,
  }),
  notice: z.object({ type: z.literal('notice'), stage: z.exactOptional(text), message: text }),
  'stop.requested': z.object({
    type: z.literal('stop.requested'),
    code: text,
    requestId: requestIdSchema,
    actor: z.exactOptional(text),
  }),
  'run.closed': z.object({
    type: z.literal('run.closed'),
    outcome: z.enum(['committed', 'nothing-to-commit', 'not-asked', 'declined', 'exported', 'failed']),
    commit: z.exactOptional(text),
    files: z.array(text),
    validationPassed: z.boolean(),
    /** Where the files are, relative to the project's root. */
    location: z.exactOptional(text),
    /** With `failed`: why. */
    code: z.exactOptional(text),
    message: z.exactOptional(text),
    logFile: z.exactOptional(text),
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
  /** A failed run's details were written to a file. */
  'diagnostic.written': z.object({
    type: z.literal('diagnostic.written'),
    /** Absolute. */
    path: text,
    /** Only where a developer of this program asked for it. */
    stackTrace: z.exactOptional(text),
  }),
  'history.recorded': z.object({ type: z.literal('history.recorded') }),
} as const;

export const runEventBodySchema = z.discriminatedUnion('type', [
  bodies['run.created'],
  bodies['segment.started'],
  bodies['settings.changed'],
  bodies['stage.started'],
  bodies['stage.skipped'],
  bodies['condition.met'],
  bodies['attempt.started'],
  bodies['attempt.generated'],
  bodies['attempt.spent'],
  bodies['attempt.waiting'],
  bodies['attempt.judged'],
  bodies['audit.failed'],
  bodies['frame.failed'],
  bodies['attempt.abandoned'],
  bodies['session.opened'],
  bodies['checkpoint.made'],
  bodies['feedback.given'],
  bodies['feedback.missing'],
  bodies['gate.answered'],
  bodies['question.answered'],
  bodies['stage.finished'],
  bodies['work.failed'],
  bodies['approval.requested'],
  bodies['approval.notified'],
  bodies['approval.voted'],
  bodies['approval.delegated'],
  bodies['approval.closed'],
  bodies['request.refused'],
  bodies['rollback.started'],
  bodies['rollback.step.started'],
  bodies['rollback.step.finished'],
  bodies['rollback.finished'],
  bodies.notice,
  bodies['stop.requested'],
  bodies['run.closed'],
  bodies['run.stopped'],
  bodies['run.finished'],
  bodies['diagnostic.written'],
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

export type RunEventBody = z.infer<typeof runEventBodySchema>;
export type RunEvent = z.infer<typeof envelopeSchema> & RunEventBody;
export type RunCreated = z.infer<(typeof bodies)['run.created']>;
export type RunSettings = z.infer<typeof settings>;
