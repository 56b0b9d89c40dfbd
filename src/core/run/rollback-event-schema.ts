import * as z from 'zod';
import { usageSchema } from './event-parts.ts';

const text = z.string();

/** What happens while a run is undone. */
export const rollbackBodies = {
  'rollback.started': z.object({
    type: z.literal('rollback.started'),
    rollbackId: text,
    cause: z.enum(['failure', 'manual']),
    target: text,
    /** The stages to be undone, in this order. */
    stages: z.array(text),
    failedStage: z.exactOptional(text),
    actor: z.exactOptional(text),
    reason: z.exactOptional(text),
  }),
  'rollback.step.started': z.object({
    type: z.literal('rollback.step.started'),
    rollbackId: text,
    stage: text,
    agent: text,
    runner: text,
  }),
  'rollback.step.finished': z.object({
    type: z.literal('rollback.step.finished'),
    rollbackId: text,
    stage: text,
    status: z.enum(['succeeded', 'failed', 'interrupted']),
    exitCode: z.exactOptional(z.number()),
    message: z.exactOptional(text),
    logFile: z.exactOptional(text),
    usage: z.exactOptional(usageSchema),
  }),
  'rollback.finished': z.object({
    type: z.literal('rollback.finished'),
    rollbackId: text,
    status: z.enum(['succeeded', 'failed', 'cancelled']),
    message: z.exactOptional(text),
  }),
} as const;
