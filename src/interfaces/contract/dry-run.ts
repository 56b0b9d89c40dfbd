import * as z from 'zod';
import { exportContract, limitsContract, stageFramesContract } from './pipeline.ts';

/** One node of an evaluated condition. */
const evaluated = z.strictObject({
  test: z.enum(['branch', 'path', 'label', 'variable', 'all', 'any', 'not']),
  value: z.union([z.boolean(), z.literal('unknown')]),
  reason: z.string(),
  get of() {
    return z.exactOptional(z.array(evaluated));
  },
});

export const dryRunStageContract = z.strictObject({
  stage_name: z.string(),
  /** Stages of one step could run at the same time. From one. */
  step: z.int(),
  depends_on: z.array(z.string()),
  /** `depend`: its condition asks for an output that a stage before it has yet to give. */
  would: z.enum(['run', 'skip', 'depend']),
  reason_code: z.nullable(z.string()),
  message: z.nullable(z.string()),
  condition: z.nullable(evaluated),
  /** Null for a command. */
  agent_id: z.nullable(z.string()),
  /** Task or command with its variables filled in; outputs of other stages stand as they are written. */
  work: z.nullable(z.string()),
  environment: z.nullable(z.string()),
  timeout_ms: z.int(),
  retries: z.int(),
  on_failure: z.enum(['halt', 'continue', 'rollback']),
  rollback_to: z.nullable(z.string()),
  approval: z.nullable(
    z.strictObject({
      approvers: z.array(z.string()),
      quorum: z.int(),
      timeout_ms: z.int(),
      default_action: z.enum(['reject', 'approve']),
    }),
  ),
  ...stageFramesContract,
});

/** `pipeline run --dry-run --json`: what a run would do, as far as it can be told before it begins. */
export const dryRunContract = z.strictObject({
  pipeline: z.string(),
  max_parallel: z.int(),
  concurrency_group: z.nullable(z.string()),
  variables: z.record(z.string(), z.string()),
  /** Where the run stops: the definition's, each overruled by the one given for this run. */
  limits: limitsContract,
  stages: z.array(dryRunStageContract),
  export: z.nullable(exportContract),
});
export type DryRunDocument = z.output<typeof dryRunContract>;
export type DryRunStageDocument = z.output<typeof dryRunStageContract>;
