import * as z from 'zod';

/** 0..1. */
const rate = z.number();

/** Seed 002: frames and attempts of a run. Skipped frames count nowhere. */
export const metricsContract = z.strictObject({
  total_frames: z.int(),
  /** Approved. */
  frames_completed: z.int(),
  /** Failed or rejected. */
  frames_failed: z.int(),
  frames_remaining: z.int(),
  total_attempts: z.int(),
  /** Frames with more than one attempt, of all. */
  retry_rate: rate,
  /** Rejected frames, of all. */
  reject_rate: rate,
});
