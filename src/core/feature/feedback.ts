import * as z from 'zod';
import type { FeedbackConfig } from '../config/feedback-config.ts';

/** What an agent answers about the work it received, as JSON in its answer file. */
export const feedbackSchema = z.object({
  rating: z.int().min(1).max(5),
  issues: z.array(z.string().min(1).max(2000)).max(50),
  recommendation: z.enum(['proceed', 'pause', 'revise']),
});

export type Feedback = z.infer<typeof feedbackSchema>;

/** The schema in words, for the review prompt. */
export const FEEDBACK_ANSWER =
  '{"rating": <whole number from 1 to 5>, "issues": ["<one sentence each>"], "recommendation": "proceed" | "pause" | "revise"}';

/** `gate` asks a person (or pauses the run with QUALITY_GATE); `revise` sends the issues back to the earlier stage. */
export type FeedbackVerdict = 'proceed' | 'gate' | 'revise';

/**
 * `revisions` counts how often this work was sent back already: once that is used up, or when `revise` names nothing
 * to be revised, a person decides.
 */
export function judgeFeedback(feedback: Feedback, config: FeedbackConfig, revisions = 0): FeedbackVerdict {
  if (!config.enabled) return 'proceed';
  if (feedback.recommendation === 'pause') return 'gate';
  if (feedback.recommendation === 'revise') {
    return revisions < config.maxRevisions && feedback.issues.length > 0 ? 'revise' : 'gate';
  }
  return feedback.rating < config.minRating ? 'gate' : 'proceed';
}
