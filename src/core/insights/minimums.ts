/**
 * How many cases a statement needs. Below that its counts are given and nothing is concluded from them: "not enough
 * data". The reasons stand in docs/history-and-telemetry.md.
 */
export const MINIMUMS = {
  /** Cases behind a success rate. */
  rate: 5,
  /** Executions of a stage before one of them can be unusual. */
  anomaly: 8,
  /** Cases on each side of a comparison: window and before, ratings below and above the gate. */
  comparison: 5,
  /** Judged cases of a model at a stage before it can be proposed. */
  proposal: 8,
  /** Failed runs of one pattern before something is recommended about it. */
  pattern: 3,
} as const;
