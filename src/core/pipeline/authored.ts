import * as z from 'zod/mini';
import { parseDuration, parseWait } from './duration.ts';

/**
 * A pipeline as it is written (spec: pipelines 1). What is wrong is worded in wording.ts; the published JSON Schema is
 * made from the same schema in json-schema.ts. Keys that begin with `x-` are gone before it is asked.
 */

/** Names of pipelines, stages and groups. */
export const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** Names of variables and outputs, as references can name them. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
export const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** As duration.ts reads it; zero is none. */
export const DURATION = /^(?=.*[1-9])([0-9]+[smhd])+$/;
/** A time to wait may be none. */
const WAIT = /^((?=.*[1-9])([0-9]+[smhd])+|0[smhd])$/;
const TOOL = /^[A-Za-z][A-Za-z0-9_-]*$/;
/** Exit codes, `timeout`, or codes such as `AGENT_CRASHED`. */
export const RETRY_ON = /^(timeout|[A-Z][A-Z0-9_]*)$/;
/** How the attempts after the first differ, such as `IDENTITY_RESCUE`. */
const STRATEGY = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

const text = z.string().check(z.minLength(1));
const name = z.string().check(z.regex(NAME));
const textsOrNone = z.union([text, z.array(text)]);
const texts = z.union([text, z.array(text).check(z.minLength(1))]);
const duration = z.string().check(
  z.regex(DURATION, { abort: true }),
  z.refine((written) => parseDuration(written) !== undefined),
);
const wait = z.string().check(
  z.regex(WAIT, { abort: true }),
  z.refine((written) => parseWait(written) !== undefined),
);
const share = z.number().check(z.gte(0), z.lte(1));
const count = z.int().check(z.gte(1));
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const scalars = z.record(z.string(), scalar);
const onFailure = z.enum(['halt', 'continue', 'rollback']);

const wanted = z.record(z.string(), z.union([scalar, z.array(scalar).check(z.minLength(1))]));

export const conditionSchema = z.strictObject({
  branch: z.optional(texts),
  branches: z.optional(texts),
  path: z.optional(texts),
  paths: z.optional(texts),
  label: z.optional(texts),
  labels: z.optional(texts),
  variable: z.optional(wanted),
  variables: z.optional(wanted),
  get and() {
    return z.optional(z.union([conditionSchema, z.array(conditionSchema).check(z.minLength(1))]));
  },
  get or() {
    return z.optional(z.union([conditionSchema, z.array(conditionSchema).check(z.minLength(1))]));
  },
  get not() {
    return z.optional(z.union([conditionSchema, z.array(conditionSchema).check(z.minLength(1))]));
  },
});

export const strategySchema = z.strictObject({
  name: z.string().check(z.regex(STRATEGY)),
  task: z.optional(text),
});

const strategy = z.union([z.string().check(z.regex(STRATEGY)), strategySchema]);

export const retrySchema = z.strictObject({
  max: z.optional(z.int().check(z.gte(1), z.lte(100))),
  delay: z.optional(duration),
  factor: z.optional(z.number().check(z.gte(1), z.lte(100))),
  max_delay: z.optional(duration),
  jitter: z.optional(share),
  on: z.optional(
    z.union([
      z.string().check(z.regex(RETRY_ON)),
      z.int().check(z.gte(1), z.lte(255)),
      z
        .array(z.union([z.string().check(z.regex(RETRY_ON)), z.int().check(z.gte(1), z.lte(255))]))
        .check(z.minLength(1)),
    ]),
  ),
  strategies: z.optional(
    z.union([z.string().check(z.regex(STRATEGY)), strategySchema, z.array(strategy).check(z.minLength(1))]),
  ),
});

export const rollbackSchema = z.strictObject({
  agent: z.optional(text),
  run: z.optional(text),
  task: z.optional(text),
  timeout: z.optional(duration),
});

/** Who checks what every attempt of a stage made; a command line alone is its short form. */
export const auditSchema = z.strictObject({
  run: z.optional(text),
  agent: z.optional(text),
  task: z.optional(text),
  model: z.optional(text),
  timeout: z.optional(duration),
});

/** Stop conditions (spec: run-status). */
export const limitsSchema = z.strictObject({
  retry_rate: z.optional(share),
  reject_rate: z.optional(share),
  after_frames: z.optional(count),
  consecutive_fails: z.optional(count),
  max_attempts: z.optional(count),
  max_cost_usd: z.optional(z.number().check(z.gt(0), z.lte(1_000_000))),
  max_tokens: z.optional(count),
  max_duration: z.optional(duration),
  stall_timeout: z.optional(duration),
  quota_wait: z.optional(wait),
});

const parallelism = z.int().check(z.gte(1), z.lte(1000));
const tool = z.string().check(z.regex(TOOL));

export const stageSchema = z.strictObject({
  name,
  agent: z.optional(text),
  task: z.optional(text),
  run: z.optional(text),
  model: z.optional(text),
  timeout: z.optional(duration),
  retries: z.optional(z.int().check(z.gte(0), z.lte(100))),
  retry: z.optional(retrySchema),
  on_failure: z.optional(onFailure),
  rollback_to: z.optional(text),
  rollback: z.optional(rollbackSchema),
  requires_approval: z.optional(z.boolean()),
  approvers: z.optional(textsOrNone),
  quorum: z.optional(z.union([count, z.enum(['all', 'any'])])),
  approval_timeout: z.optional(duration),
  approval_default: z.optional(z.enum(['reject', 'approve'])),
  prevent_self_approval: z.optional(z.boolean()),
  depends_on: z.optional(textsOrNone),
  parallel_with: z.optional(texts),
  when: z.optional(conditionSchema),
  environment: z.optional(text),
  env: z.optional(scalars),
  working_directory: z.optional(text),
  outputs: z.optional(texts),
  produces: z.optional(texts),
  foreach: z.optional(texts),
  max_parallel: z.optional(parallelism),
  audit: z.optional(z.union([text, auditSchema])),
  frames: z.optional(limitsSchema),
  limits: z.optional(limitsSchema),
  dependency: z.optional(tool),
  contract: z.optional(text),
  reviews: z.optional(texts),
});

export const groupSchema = z.strictObject({
  name: z.optional(name),
  parallel: z.array(stageSchema).check(z.minLength(1)),
  depends_on: z.optional(textsOrNone),
  when: z.optional(conditionSchema),
});

export const scheduleSchema = z.strictObject({
  cron: text,
  timezone: z.optional(text),
  catch_up: z.optional(z.enum(['skip', 'once', 'all'])),
});

export const triggerSchema = z.strictObject({
  event: z.optional(texts),
  branch: z.optional(texts),
  branches: z.optional(texts),
  path: z.optional(texts),
  paths: z.optional(texts),
  label: z.optional(texts),
  labels: z.optional(texts),
  schedule: z.optional(scheduleSchema),
  forks: z.optional(z.boolean()),
});

export const defaultsSchema = z.strictObject({
  agent: z.optional(text),
  model: z.optional(text),
  timeout: z.optional(duration),
  retries: z.optional(z.int().check(z.gte(0), z.lte(100))),
  on_failure: z.optional(onFailure),
});

export const concurrencySchema = z.strictObject({
  group: text,
  cancel_in_progress: z.optional(z.boolean()),
});

/** What the run gives out, made and checked once after the last stage. */
export const exportSchema = z.strictObject({
  location: text,
  run: z.optional(text),
  files: z.optional(texts),
  validate: z.optional(text),
  timeout: z.optional(duration),
  dependency: z.optional(tool),
});

export const authoredSchema = z.strictObject({
  name,
  description: z.optional(z.string()),
  version: z.optional(z.int()),
  triggers: z.optional(z.array(triggerSchema)),
  variable: z.optional(scalars),
  variables: z.optional(scalars),
  defaults: z.optional(defaultsSchema),
  order: z.optional(z.enum(['sequence', 'graph'])),
  concurrency: z.optional(concurrencySchema),
  max_parallel: z.optional(parallelism),
  limits: z.optional(limitsSchema),
  stages: z.array(z.union([stageSchema, groupSchema])).check(z.minLength(1)),
  closing: z.optional(z.enum(['commit', 'none'])),
  export: z.optional(exportSchema),
});

export type AuthoredPipeline = z.output<typeof authoredSchema>;
export type AuthoredStage = z.output<typeof stageSchema>;
export type AuthoredGroup = z.output<typeof groupSchema>;
export type AuthoredCondition = z.output<typeof conditionSchema>;
export type AuthoredLimits = z.output<typeof limitsSchema>;
export type AuthoredExport = z.output<typeof exportSchema>;
export type AuthoredAudit = z.output<typeof auditSchema>;
export type AuthoredStrategy = z.output<typeof strategySchema>;
export type AuthoredRetry = z.output<typeof retrySchema>;
export type AuthoredTrigger = z.output<typeof triggerSchema>;
export type AuthoredRollback = z.output<typeof rollbackSchema>;
