import * as z from 'zod';
import { runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';

const { status, reason_code, message, timestamp, metrics, details } = runStatusDocumentContract.shape;

/** `state.json` of a run that has no approvals, questions and rollbacks: nothing less and nothing more. */
export const stateDocument = z.strictObject({
  v: z.literal(1),
  executionId: z.uuid(),
  runId: z.uuid(),
  previousRunId: z.nullable(z.uuid()),
  runIds: z.array(z.uuid()).min(1),
  pipeline: z.string(),
  pipelineId: z.exactOptional(z.string()),
  revision: z.exactOptional(z.int()),
  cause: z.exactOptional(z.looseObject({ kind: z.string() })),
  concurrencyGroup: z.exactOptional(z.string()),
  workingTree: z.string(),
  phase: z.string(),
  startedAt: z.iso.datetime(),
  segmentStartedAt: z.iso.datetime(),
  endedAt: z.exactOptional(z.iso.datetime()),
  status: z.strictObject({ status, reason_code, message, timestamp, metrics, details }),
  status_history: z
    .array(z.strictObject({ timestamp: z.iso.datetime(), status, reason_code: z.string() }))
    .min(1)
    .max(20),
  stages: z
    .array(
      z.strictObject({
        name: z.string(),
        status: z.string(),
        frames: z.int(),
        done: z.int(),
        failed: z.exactOptional(z.int()),
        attempts: z.int(),
        startedAt: z.exactOptional(z.iso.datetime()),
        endedAt: z.exactOptional(z.iso.datetime()),
        reason: z.exactOptional(z.string()),
      }),
    )
    .max(50),
  withWarnings: z.exactOptional(z.boolean()),
  tokens: z.int(),
  costMicroUsd: z.int(),
  unknownCost: z.int(),
});
