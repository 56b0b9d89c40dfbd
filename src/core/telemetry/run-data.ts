/**
 * What telemetry needs to know of an ended run. The fields carry the names and words of a history entry, so that
 * an entry with identity and artifacts beside it is one.
 */
export interface RunData<Stage extends RunDataStage = RunDataStage> {
  /** UUID v4 of this segment of the run. */
  readonly runId: string;
  readonly featureId: string;
  readonly slug: string;
  readonly status: RunDataStatus;
  /** ISO 8601, UTC, with milliseconds; so are all times below. */
  readonly startedAt: string;
  readonly completedAt: string;
  readonly totalDurationMs: number;
  /** Every stage that was executed, by name, in order. */
  readonly stages: Readonly<Record<string, Stage>>;
  readonly failedStage?: string | null;
  /** Ratings by the stage that was rated; absent or empty with `--no-feedback`. */
  readonly feedback?: Readonly<Record<string, unknown>>;
  readonly identity?: RunIdentity;
  /** File name to content: plain text in the outbox, base64 of gzip in a payload. */
  readonly artifacts?: Readonly<Record<string, string>>;
}

export type RunDataStatus = 'success' | 'failed' | 'paused';

/** A type and not an interface, so that it fits where any further keys are allowed. */
export type RunDataStage = {
  readonly status: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly durationMs?: number;
  readonly attempts?: number;
  readonly tokens?: Readonly<Record<string, number>>;
  /** In US dollars. */
  readonly cost?: number;
};

/** Who ran it and where; what is not known is absent. */
export interface RunIdentity {
  readonly gitUser?: string;
  readonly gitEmail?: string;
  /** Address of the remote `origin`; credentials are taken out before it is sent. */
  readonly repoUrl?: string;
  readonly orgId?: string;
  /** Version of murmur8. */
  readonly version?: string;
}
