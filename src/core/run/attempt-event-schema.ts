import * as z from 'zod';
import { checkpointSchema, requestIdSchema, usageSchema } from './event-parts.ts';

const text = z.string();
const frameKey = { stage: text, frame: z.int().check(z.gte(0)), attempt: z.int().check(z.gte(1)) };

/** What happens to the frames of a stage. */
export const attemptBodies = {
  'attempt.started': z.object({
    type: z.literal('attempt.started'),
    ...frameKey,
    agent: text,
    runner: text,
    /** Where there is more than one to choose from: all of them, in the order in which they are tried. */
    runners: z.exactOptional(z.array(text)),
    /** Why another runner than the first, in words. */
    runnerReason: z.exactOptional(text),
    model: z.exactOptional(text),
    strategy: z.exactOptional(text),
    strategyReason: z.exactOptional(text),
    sessionId: z.exactOptional(text),
  }),
  'attempt.generated': z.object({
    type: z.literal('attempt.generated'),
    ...frameKey,
    outcome: text,
    /** Reason code, where whoever made the attempt named one. */
    code: z.exactOptional(text),
    message: z.exactOptional(text),
    exitCode: z.exactOptional(z.number()),
    sessionId: z.exactOptional(text),
    model: z.exactOptional(text),
    agentVersion: z.exactOptional(text),
    usage: z.exactOptional(usageSchema),
    logFile: z.exactOptional(text),
    question: z.exactOptional(text),
    /** Longest silence in ms, of an attempt that was ended for it. */
    silentMs: z.exactOptional(z.number()),
    /** When the agent's service said it would answer again. */
    retryAt: z.exactOptional(text),
  }),
  /** What an attempt at work has used so far: what stays known of it if its owner dies. Cumulative. */
  'attempt.spent': z.object({ type: z.literal('attempt.spent'), ...frameKey, usage: usageSchema }),
  /** The frame's next attempt, or the check of its last one, waits for a runner's service to answer again. */
  'attempt.waiting': z.object({
    type: z.literal('attempt.waiting'),
    stage: text,
    frame: z.int().check(z.gte(0)),
    runner: text,
    /** Outcome of the attempt before: `quota`, `overloaded`, `unavailable`. */
    outcome: text,
    /** ISO 8601 UTC. */
    until: text,
    message: z.exactOptional(text),
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
    /** What the check printed, and what it cost, where somebody audited. */
    logFile: z.exactOptional(text),
    usage: z.exactOptional(usageSchema),
  }),
  /** The check itself could not be made: nothing is known about the result, which stays. */
  'audit.failed': z.object({
    type: z.literal('audit.failed'),
    ...frameKey,
    outcome: text,
    /** Who made it, where an agent did; where there is more than one to choose from, all of them. */
    runner: z.exactOptional(text),
    runners: z.exactOptional(z.array(text)),
    /** When the agent's service said it would answer again. */
    retryAt: z.exactOptional(text),
    code: z.exactOptional(text),
    message: z.exactOptional(text),
    silentMs: z.exactOptional(z.number()),
    logFile: z.exactOptional(text),
    usage: z.exactOptional(usageSchema),
  }),
  /** A frame whose attempts are used up; its stage has others. */
  'frame.failed': z.object({
    type: z.literal('frame.failed'),
    stage: text,
    frame: z.int().check(z.gte(0)),
    status: z.enum(['failed', 'rejected']),
    code: text,
    message: z.exactOptional(text),
  }),
  'attempt.abandoned': z.object({
    type: z.literal('attempt.abandoned'),
    ...frameKey,
    reason: text,
    /** True if it was in flight when its owner died. */
    ownerLost: z.exactOptional(z.boolean()),
  }),
  'session.opened': z.object({ type: z.literal('session.opened'), ...frameKey, sessionId: text }),
  'checkpoint.made': z.object({
    type: z.literal('checkpoint.made'),
    ...frameKey,
    checkpoint: checkpointSchema,
  }),
  'question.answered': z.object({
    type: z.literal('question.answered'),
    ...frameKey,
    answer: text,
    requestId: requestIdSchema,
  }),
} as const;
