import * as z from 'zod';

/** Ways to change the next attempt of a stage. */
export const RETRY_STRATEGIES = [
  'add-context',
  'simplify-prompt',
  'incremental',
  'rollback-to-checkpoint',
] as const;

export const retryStrategySchema = z.enum(RETRY_STRATEGIES);

export type RetryStrategy = z.infer<typeof retryStrategySchema>;

const order = (...strategies: RetryStrategy[]): z.ZodDefault<z.ZodArray<typeof retryStrategySchema>> =>
  z.array(retryStrategySchema).min(1).default(strategies);

/** `.claude/retry-config.json`: when and how a stage is tried again. */
export const retryConfigSchema = z.strictObject({
  version: z.literal(1).default(1),
  /** Attempts of one stage, the first included. A finding is put back at most twice, hence three. */
  maxAttempts: z.int().min(1).max(10).default(3),
  /** How many of the last runs of a stage its failure rate is taken from. */
  window: z.int().min(1).max(1000).default(10),
  /** From this share of failures (0 to 1) on, a stage counts as difficult. */
  highFailureRate: z.number().min(0).max(1).default(0.5),
  /** What is tried on the second attempt, on the third, and so on; the last one repeats. */
  strategies: z
    .strictObject({
      alex: order('add-context', 'simplify-prompt'),
      cass: order('add-context', 'simplify-prompt'),
      nigel: order('add-context', 'incremental', 'simplify-prompt'),
      'codey-plan': order('add-context', 'simplify-prompt'),
      'codey-implement': order('add-context', 'incremental', 'rollback-to-checkpoint'),
    })
    .prefault({}),
  /** Words in an issue of the feedback, and the strategy that answers them. */
  issueStrategies: z.record(z.string().min(1), retryStrategySchema).default({
    unclear: 'add-context',
    ambiguous: 'add-context',
    missing: 'add-context',
    'too large': 'incremental',
    'too much': 'incremental',
    scope: 'incremental',
    complex: 'simplify-prompt',
    contradict: 'simplify-prompt',
    broken: 'rollback-to-checkpoint',
    regression: 'rollback-to-checkpoint',
  }),
});

export type RetryConfig = z.infer<typeof retryConfigSchema>;
