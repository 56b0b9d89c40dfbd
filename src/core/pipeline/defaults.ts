/** What holds where a pipeline says nothing. The manual and the published schema name these values. */
export const DEFAULTS = {
  timeoutMs: 30 * 60_000,
  retries: 0,
  /** Of the long form `retry:`. */
  retryDelayMs: 1_000,
  retryFactor: 2,
  retryMaxDelayMs: 60_000,
  retryJitter: 0.5,
  onFailure: 'halt',
  quorum: 'all',
  approvalTimeoutMs: 24 * 3_600_000,
  approvalDefault: 'reject',
  maxParallel: 4,
  /** How often a result that does not hold its contract is put back to its agent. A command is never asked again. */
  agentRepairs: 2,
  commandRepairs: 0,
  rollbackTimeoutMs: 30 * 60_000,
  auditTimeoutMs: 10 * 60_000,
  /** Of each of the export's two commands. */
  exportTimeoutMs: 10 * 60_000,
  catchUp: 'skip',
  timezone: 'UTC',
} as const;
