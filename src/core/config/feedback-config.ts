import * as z from 'zod';

/** `.claude/feedback-config.json`: what becomes of an agent's rating of what it received. */
export const feedbackConfigSchema = z.strictObject({
  version: z.literal(1).default(1),
  enabled: z.boolean().default(true),
  /** A rating below this asks a person. From 1 to 5. */
  minRating: z.number().min(1).max(5).default(3),
  /** How often `revise` sends a finding back before a person is asked. */
  maxRevisions: z.int().min(0).max(5).default(1),
});

export type FeedbackConfig = z.infer<typeof feedbackConfigSchema>;
