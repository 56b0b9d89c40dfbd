import * as z from 'zod';
import { problemContract } from './problem.ts';

const testedVersions = z.strictObject({
  /** The oldest that was tested. */
  from: z.string(),
  /** The first that nobody has looked at. */
  below: z.string(),
});

/** Where a version stands to those that were tested. */
const versionState = z.enum(['ok', 'older', 'newer']);

export const listedRunnerContract = z.strictObject({
  /** As `--runner` takes it. */
  runner: z.string(),
  /** `missing`: its program is not here; `broken`: it does not start; `unknown`: there is no such runner. */
  state: z.enum(['ready', 'no-login', 'missing', 'broken', 'unknown']),
  /** Absolute path. */
  program: z.nullable(z.string()),
  version: z.nullable(z.string()),
  version_state: z.nullable(versionState),
  tested: z.nullable(testedVersions),
  /** Null where nobody could be asked. */
  login: z.nullable(z.enum(['ok', 'missing', 'unknown'])),
  reports_cost: z.boolean(),
  stages: z.array(
    z.strictObject({
      pipeline: z.string(),
      stage: z.string(),
      part: z.enum(['work', 'audit', 'rollback']),
      agent: z.string(),
      /** Place in the role's order of runners, from one. */
      choice: z.int(),
    }),
  ),
  message: z.nullable(z.string()),
  hint: z.nullable(z.string()),
});

/** `agents --json`. */
export const agentsContract = z.strictObject({
  /** Root of the working tree; null outside of one. */
  project: z.nullable(z.string()),
  runners: z.array(listedRunnerContract),
  /** Files of the project that may name more runners, and cannot be understood. */
  problems: z.array(problemContract),
});
export type AgentsDocument = z.output<typeof agentsContract>;

/** `agents test --json`. */
export const agentTestContract = z.strictObject({
  runner: z.string(),
  ok: z.boolean(),
  /** As a run would get it; null when all went well. */
  reason_code: z.nullable(z.string()),
  message: z.nullable(z.string()),
  /** What to do about it. */
  next: z.nullable(z.string()),
  program: z.nullable(z.string()),
  version: z.nullable(z.string()),
  version_state: z.nullable(versionState),
  tested: z.nullable(testedVersions),
  /** As the agent told it. */
  model: z.nullable(z.string()),
  first_event_ms: z.nullable(z.int()),
  duration_ms: z.nullable(z.int()),
  tokens: z.nullable(
    z.strictObject({
      input: z.int(),
      output: z.int(),
      /** Null where the agent does not tell. */
      cache_read: z.nullable(z.int()),
      cache_write: z.nullable(z.int()),
    }),
  ),
  /** Null is unknown, never nothing. */
  cost_usd: z.nullable(z.number()),
  /** When the service will answer again, as it said; ISO 8601, UTC. */
  retry_at: z.nullable(z.string()),
});
export type AgentTestDocument = z.output<typeof agentTestContract>;
