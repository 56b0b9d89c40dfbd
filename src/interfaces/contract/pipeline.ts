import * as z from 'zod';
import { definitionProblemContract } from './problem.ts';
import { runStatusContract } from './run.ts';

/** ISO 8601, UTC. */
const instant = z.string();

/** A row of `pipelines`, without the definition's text. */
const registration = {
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  created_at: instant,
  updated_at: instant,
  /** Counts the definitions that were registered under this name, from one. */
  revision: z.int(),
  /** SHA-256 of the definition's text, in hex. */
  hash: z.string(),
};

/** A row of `pipelines` (seed 001, story 1). */
export const pipelineContract = z.strictObject({
  ...registration,
  /** YAML, as authored. */
  definition: z.string(),
});
export type PipelineRecord = z.output<typeof pipelineContract>;

/**
 * Whether the file still holds what was registered: `edited` by hand, `missing`, or `unreadable`; a file that was never
 * registered is `unregistered`. Only `registered` ones are run.
 */
export const definitionStateContract = z.enum([
  'registered',
  'edited',
  'missing',
  'unreadable',
  'unregistered',
]);

const lastRun = z.strictObject({
  id: z.string(),
  status: runStatusContract,
  started_at: instant,
  completed_at: z.nullable(instant),
});

export const pipelineSummaryContract = z.strictObject({
  ...registration,
  /** Where the definition lies. */
  file: z.string(),
  definition_state: definitionStateContract,
  description: z.string(),
  /** Number of stages; null when the file cannot be understood. */
  stages: z.nullable(z.int()),
  /** Each trigger in words; null when the file cannot be understood. */
  triggers: z.nullable(z.array(z.string())),
  last_run: z.nullable(lastRun),
});
export type PipelineSummaryDocument = z.output<typeof pipelineSummaryContract>;

/** `pipeline list --json`. */
export const pipelineListContract = z.strictObject({ pipelines: z.array(pipelineSummaryContract) });
export type PipelineListDocument = z.output<typeof pipelineListContract>;

/** Stop conditions as they are set; rates are 0..1. */
export const limitsContract = z.strictObject({
  retry_rate: z.exactOptional(z.number()),
  reject_rate: z.exactOptional(z.number()),
  after_frames: z.exactOptional(z.int()),
  consecutive_fails: z.exactOptional(z.int()),
  max_attempts: z.exactOptional(z.int()),
  max_cost_usd: z.exactOptional(z.number()),
  max_tokens: z.exactOptional(z.int()),
  max_duration_ms: z.exactOptional(z.int()),
  stall_timeout_ms: z.exactOptional(z.int()),
  quota_wait_ms: z.exactOptional(z.int()),
});
export type LimitsDocument = z.output<typeof limitsContract>;

/** What a stage says of its frames. */
export const stageFramesContract = {
  /** What frames are made of; null where the stage is one. */
  foreach: z.nullable(z.union([z.string(), z.array(z.string())])),
  /** Frames at a time. */
  max_parallel: z.int(),
  /** Who checks every attempt; `agent_id` is null for a command. */
  audit: z.nullable(
    z.strictObject({
      agent_id: z.nullable(z.string()),
      work: z.nullable(z.string()),
      timeout_ms: z.int(),
    }),
  ),
  /** How attempts after the first differ, in this order. */
  strategies: z.array(z.strictObject({ name: z.string(), task: z.nullable(z.string()) })),
  /** Counted over the stage's own frames. */
  limits: limitsContract,
  /** The tool whose failure the stage's is. */
  dependency: z.nullable(z.string()),
};

/** What a run gives out. */
export const exportContract = z.strictObject({
  location: z.string(),
  run: z.nullable(z.string()),
  files: z.array(z.string()),
  validate: z.nullable(z.string()),
  timeout_ms: z.int(),
  dependency: z.nullable(z.string()),
});
export type ExportDocument = z.output<typeof exportContract>;

export const stageSummaryContract = z.strictObject({
  name: z.string(),
  group: z.nullable(z.string()),
  depends_on: z.array(z.string()),
  /** Null for a command. */
  agent: z.nullable(z.string()),
  /** The task, or the command, with references to variables as written. */
  work: z.nullable(z.string()),
  environment: z.nullable(z.string()),
  timeout_ms: z.int(),
  retries: z.int(),
  on_failure: z.enum(['halt', 'continue', 'rollback']),
  rollback_to: z.nullable(z.string()),
  conditional: z.boolean(),
  requires_approval: z.boolean(),
  approvers: z.array(z.string()),
  ...stageFramesContract,
});
export type StageSummaryDocument = z.output<typeof stageSummaryContract>;

export const scheduleSummaryContract = z.strictObject({
  cron: z.string(),
  timezone: z.string(),
  catch_up: z.enum(['skip', 'once', 'all']),
  next: z.array(instant),
});
export type ScheduleSummaryDocument = z.output<typeof scheduleSummaryContract>;

/** `pipeline show --json`, of a registered pipeline or of a file. */
export const pipelineDetailsContract = z.strictObject({
  /** Null for a file that is not registered. */
  pipeline: z.nullable(pipelineContract),
  name: z.string(),
  file: z.string(),
  definition_state: definitionStateContract,
  /** Text of the file as it is now. */
  definition: z.string(),
  description: z.string(),
  /** The author's own revision number. */
  version: z.nullable(z.int()),
  variables: z.record(z.string(), z.string()),
  max_parallel: z.int(),
  /** Where a run stops. */
  limits: limitsContract,
  export: z.nullable(exportContract),
  triggers: z.array(z.string()),
  schedules: z.array(scheduleSummaryContract),
  stages: z.array(stageSummaryContract),
  last_run: z.nullable(lastRun),
  problems: z.array(definitionProblemContract),
});
export type PipelineDetailsDocument = z.output<typeof pipelineDetailsContract>;

/** `pipeline create` and `update` with `--json`. */
export const registrationContract = z.strictObject({
  pipeline: pipelineContract,
  /** False when all was so before. */
  changed: z.boolean(),
  /** Warnings. */
  problems: z.array(definitionProblemContract),
  /** Where the text was put that somebody had written into the definition's file. */
  set_aside: z.nullable(z.string()),
});
export type RegistrationDocument = z.output<typeof registrationContract>;

/** `pipeline enable` and `disable` with `--json`. */
export const pipelineChangeContract = z.strictObject({
  pipeline: z.strictObject(registration),
  /** False when it was so before. */
  changed: z.boolean(),
});
export type PipelineChangeDocument = z.output<typeof pipelineChangeContract>;

/** `pipeline graph --json`. */
export const pipelineGraphContract = z.strictObject({
  name: z.string(),
  text: z.string(),
  /** A flowchart in Mermaid. */
  mermaid: z.string(),
});
export type PipelineGraphDocument = z.output<typeof pipelineGraphContract>;

/** `pipeline init --json`. */
export const pipelineInitContract = z.strictObject({
  template: z.string(),
  /** Path of the new file. */
  file: z.string(),
  definition: z.string(),
  /** What was chosen for this project. */
  notes: z.array(z.string()),
});
export type PipelineInitDocument = z.output<typeof pipelineInitContract>;

/** `pipeline init --list --json`. */
export const templateListContract = z.strictObject({
  templates: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      origin: z.enum(['project', 'claude-code', 'shipped']),
    }),
  ),
});
export type TemplateListDocument = z.output<typeof templateListContract>;

/** `pipeline delete --json`. */
export const pipelineDeletionContract = z.strictObject({
  id: z.string(),
  name: z.string(),
  deleted: z.literal(true),
});
export type PipelineDeletionDocument = z.output<typeof pipelineDeletionContract>;
