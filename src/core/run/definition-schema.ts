import * as z from 'zod';

/**
 * The normal form of a pipeline (pipeline/definition.ts) as a run keeps it in its journal. Journals outlive versions
 * of this program: fields may be added, but only as ones that may be absent.
 */
const text = z.string();
const texts = z.array(text);

export const limitsSchema = z.object({
  retryRate: z.exactOptional(z.number()),
  rejectRate: z.exactOptional(z.number()),
  afterFrames: z.exactOptional(z.number()),
  consecutiveFails: z.exactOptional(z.number()),
  maxAttempts: z.exactOptional(z.number()),
  maxCostMicroUsd: z.exactOptional(z.number()),
  maxTokens: z.exactOptional(z.number()),
  maxDurationMs: z.exactOptional(z.number()),
  stallTimeoutMs: z.exactOptional(z.number()),
  quotaWaitMs: z.exactOptional(z.number()),
});

const job = z.union([
  z.object({
    kind: z.literal('agent'),
    agent: text,
    task: z.exactOptional(text),
    model: z.exactOptional(text),
  }),
  z.object({ kind: z.literal('command'), run: text }),
]);

const retry = z.object({
  delayMs: z.number(),
  factor: z.number(),
  maxDelayMs: z.number(),
  jitter: z.number(),
  on: z.exactOptional(z.array(z.union([z.number(), text]))),
  strategies: z.exactOptional(z.array(z.object({ name: text, task: z.exactOptional(text) }))),
});

const approval = z.object({
  approvers: texts,
  quorum: z.union([z.number(), z.enum(['all', 'any'])]),
  timeoutMs: z.number(),
  onTimeout: z.enum(['reject', 'approve']),
  preventSelfApproval: z.boolean(),
});

const condition = z.object({
  branch: z.exactOptional(texts),
  path: z.exactOptional(texts),
  label: z.exactOptional(texts),
  variable: z.exactOptional(z.record(text, z.union([text, texts]))),
  get and() {
    return z.exactOptional(z.array(condition));
  },
  get or() {
    return z.exactOptional(z.array(condition));
  },
  get not() {
    return z.exactOptional(z.array(condition));
  },
});

const stage = z.object({
  name: text,
  group: z.exactOptional(text),
  needs: texts,
  work: job,
  timeoutMs: z.number(),
  retries: z.number(),
  retry: z.exactOptional(retry),
  repairs: z.number(),
  onFailure: z.enum(['halt', 'continue', 'rollback']),
  rollbackTo: z.exactOptional(text),
  rollback: z.exactOptional(z.object({ work: job, timeoutMs: z.number() })),
  approval: z.exactOptional(approval),
  environment: z.exactOptional(text),
  env: z.exactOptional(z.record(text, text)),
  workingDirectory: z.exactOptional(text),
  outputs: z.exactOptional(texts),
  produces: z.exactOptional(texts),
  contract: z.exactOptional(text),
  foreach: z.exactOptional(z.union([text, texts])),
  maxParallel: z.exactOptional(z.number()),
  audit: z.exactOptional(z.object({ work: job, timeoutMs: z.number() })),
  limits: z.exactOptional(limitsSchema),
  reviews: z.exactOptional(texts),
  when: z.exactOptional(condition),
  dependency: z.exactOptional(text),
});

const trigger = z.object({
  event: z.exactOptional(texts),
  branches: z.exactOptional(texts),
  paths: z.exactOptional(texts),
  labels: z.exactOptional(texts),
  schedule: z.exactOptional(
    z.object({ cron: text, timezone: text, catchUp: z.enum(['skip', 'once', 'all']) }),
  ),
  forks: z.exactOptional(z.boolean()),
});

export const pipelineSchema = z.object({
  name: text,
  description: text,
  version: z.exactOptional(z.number()),
  variables: z.record(text, text),
  triggers: z.exactOptional(z.array(trigger)),
  concurrency: z.exactOptional(z.object({ group: text, cancelInProgress: z.boolean() })),
  maxParallel: z.number(),
  limits: limitsSchema,
  stages: z.array(stage),
  closing: z.enum(['commit', 'none']),
  export: z.exactOptional(
    z.object({
      location: text,
      run: z.exactOptional(text),
      files: texts,
      validate: z.exactOptional(text),
      timeoutMs: z.number(),
      dependency: z.exactOptional(text),
    }),
  ),
});
