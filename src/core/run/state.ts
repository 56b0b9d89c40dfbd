import type { Usage } from '../agent/event.ts';
import type { Evaluated } from '../condition/evaluated.ts';
import type { Pipeline, Stage } from '../pipeline/definition.ts';
import type { RunCreated, RunSettings } from './event.ts';

/**
 * What is known of a run: the fold of its events (see apply.ts).
 *
 *   pending → running ⇄ waiting_approval
 *             running → paused → running (a new segment)
 *             running → succeeded | failed | cancelled
 */
export type RunPhase =
  | 'pending'
  | 'running'
  | 'waiting_approval'
  | 'paused'
  | 'succeeded'
  | 'failed'
  | 'cancelled';

export type StageStatus =
  | 'pending'
  | 'running'
  | 'waiting_approval'
  | 'succeeded'
  | 'failed'
  | 'skipped'
  | 'cancelled';

export type FramePhase =
  | 'pending'
  | 'generating'
  | 'auditing'
  | 'retrying'
  | 'approved'
  | 'rejected'
  | 'failed'
  | 'skipped';

export interface AttemptState {
  readonly number: number;
  readonly startedAt: string;
  endedAt?: string;
  readonly agent: string;
  readonly runner: string;
  /** Where there was more than one to choose from: all of them, in their order. */
  readonly runners?: readonly string[];
  model?: string;
  readonly strategy?: string;
  /** `running` until the agent ended, then how it ended; `abandoned` when its owner died or it was not made. */
  outcome: string;
  /** It was in flight when its owner died: no fault of its own. */
  ownerLost?: boolean;
  exitCode?: number;
  message?: string;
  sessionId?: string;
  usage?: Usage;
  logFile?: string;
  /** Longest silence in ms, if it was ended for it. */
  silentMs?: number;
  /** When its runner's service said it would answer again, ISO 8601 UTC. */
  retryAt?: string;
  /** Checks of its result that could not be made, oldest first. */
  auditFailures?: AuditFailure[];
  /** What the last check printed. */
  auditLogFile?: string;
  verdict?: 'approved' | 'rejected';
  code?: string;
  findings: readonly string[];
  checkpoint?: { readonly commit: string; readonly tree: string };
  question?: string;
  answer?: string;
}

export interface AuditFailure {
  readonly outcome: string;
  readonly at: string;
  /** Reason code, where whoever made the check named one. */
  readonly code?: string;
  /** Who made it, where an agent did, and all who may, where there are several. */
  readonly runner?: string;
  readonly runners?: readonly string[];
  /** When its runner's service said it would answer again, ISO 8601 UTC. */
  readonly retryAt?: string;
  readonly message?: string;
  /** Longest silence in ms, if it was ended for it. */
  readonly silentMs?: number;
}

export interface FrameState {
  readonly index: number;
  readonly title: string;
  readonly tests: readonly string[];
  phase: FramePhase;
  readonly attempts: AttemptState[];
  /** Attempts that earlier segments made: a continued run has its retries anew. */
  attemptsBefore: number;
  /** Number of attempts that were made before its stage was reset, if any were. */
  readonly madeBefore?: number;
  /** Its next attempt, or the check of its last one, waits for a runner's service to answer again. */
  waiting?: {
    readonly runner: string;
    readonly outcome: string;
    /** ISO 8601 UTC. */
    readonly until: string;
    readonly message?: string;
  };
}

export interface FeedbackState {
  /** The stage that rates. */
  readonly by: string;
  readonly about: string;
  readonly rating: number;
  readonly issues: readonly string[];
  readonly recommendation: 'proceed' | 'pause' | 'revise';
  readonly verdict: 'proceed' | 'gate' | 'revise';
  answer?: 'continue' | 'pause' | 'abort' | 'revise';
}

export interface StageState {
  readonly name: string;
  /** Place in the pipeline, from zero. */
  readonly index: number;
  status: StageStatus;
  startedAt?: string;
  endedAt?: string;
  /** Number of the event that ended it: the order in which stages were completed. */
  endedSeq?: number;
  frames: FrameState[];
  /** Frames of before the stage was reset: their attempts go on where it is opened again. */
  earlier: readonly FrameState[];
  /** Indexes of the frames at work: begun, and not ended. */
  readonly open: Set<number>;
  /** Index of the lowest frame that is neither at work nor ended; the number of frames when there is none. */
  nextFrame: number;
  /** Frames that are approved, rejected, failed or skipped. */
  endedFrames: number;
  /** The first frame whose attempts were used up. */
  failing?: { readonly frame: number; readonly code: string; readonly message: string };
  /** The same sums as the run's, over this stage's own frames. */
  readonly metrics: Counters;
  code?: string;
  message?: string;
  skip?: { readonly reason: string; readonly detail?: string };
  outputs: Record<string, string>;
  pendingTests: readonly string[];
  /** Ratings that this stage gave on what it received, by the stage rated; null where none could be had. */
  readonly reviews: Map<string, FeedbackState | null>;
  /** The latest rating that this stage's result received. */
  received?: FeedbackState;
  /** A rater sent this stage's result back once; it is not sent back again. */
  revised: boolean;
  /** What a repeated stage has to answer to. */
  reopenedFor: readonly string[];
  /** Its `when`, evaluated once it became ready. */
  condition?: Evaluated;
  /** Ids of the approvals asked for, oldest first; the last one counts. */
  readonly approvals: string[];
  /** Id of the rollback that undid it. */
  undoneBy?: string;
}

export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'timed_out' | 'cancelled' | 'void';

/** The right to one vote. */
export interface Seat {
  /** Who was named in the definition. */
  readonly original: string;
  /** Who may vote now. */
  holder: string;
  vote?: {
    readonly decision: 'approved' | 'rejected';
    readonly at: string;
    readonly channel: string;
    readonly comment?: string;
  };
}

export interface ApprovalState {
  readonly id: string;
  readonly stage: string;
  readonly requestedAt: string;
  readonly requestedBy: string;
  /** ISO 8601. */
  readonly deadline: string;
  readonly onTimeout: 'reject' | 'approve';
  readonly preventSelfApproval: boolean;
  /** Votes needed. */
  readonly quorum: number;
  readonly seats: Seat[];
  readonly subject: {
    readonly definition: string;
    readonly inputs: string;
    readonly commit: string | null;
  };
  readonly summary: string;
  /** Channels to which the request was handed. */
  readonly channels: Map<string, 'queued' | 'sent' | 'failed'>;
  status: ApprovalStatus;
  closedAt?: string;
  /** What the deadline meant. */
  action?: 'reject' | 'approve';
  reason?: string;
}

export interface RollbackStep {
  readonly stage: string;
  status: 'pending' | 'running' | 'succeeded' | 'failed';
  agent?: string;
  startedAt?: string;
  endedAt?: string;
  exitCode?: number;
  message?: string;
  logFile?: string;
}

export interface RollbackState {
  readonly id: string;
  readonly cause: 'failure' | 'manual';
  readonly target: string;
  readonly steps: RollbackStep[];
  readonly startedAt: string;
  readonly failedStage?: string;
  readonly actor?: string;
  readonly reason?: string;
  endedAt?: string;
  status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  message?: string;
  /** The run has ended with it as its outcome. */
  concluded?: boolean;
  /** What it undid waits to be done again. */
  reset?: boolean;
}

export interface RunState {
  /** The id that names the directory: the first segment's. */
  executionId: string;
  /** The current segment's id. */
  runId: string;
  previousRunId: string | null;
  /** Ids of all segments, oldest first. */
  readonly runIds: string[];
  created: RunCreated;
  pipeline: Pipeline;
  settings: RunSettings;
  phase: RunPhase;
  code: string;
  message?: string;
  startedAt: string;
  segmentStartedAt: string;
  endedAt?: string;
  /** Time of the last event. */
  at: string;
  seq: number;
  epoch: number;
  readonly stages: Map<string, StageState>;
  readonly definitions: ReadonlyMap<string, Stage>;
  /** Number of needs that have not ended yet, per stage that is still waiting. */
  readonly unmet: Map<string, number>;
  readonly dependents: Map<string, readonly string[]>;
  /** Pending stages whose needs have all ended, in the order in which they came to be so; at first that of the file. */
  readonly ready: Set<string>;
  readonly active: Set<string>;
  /** Stages before which an approval is open. */
  readonly gated: Set<string>;
  readonly approvals: Map<string, ApprovalState>;
  /** Head of the audit's chain over all approvals of this run; empty before the first. */
  auditHead: string;
  /** Oldest first; at most the last one is running. */
  readonly rollbacks: RollbackState[];
  /** The failed stage that asks for a rollback which has not begun yet. */
  rollbackDue?: string;
  /** Requests from outside that have been answered. */
  readonly answered: Set<string>;
  unfinished: number;
  /** Stages that failed and that the run goes on without. */
  warnings: number;
  halted: boolean;
  failedStage?: string;
  stopRequested?: string;
  workFailed?: { readonly code: string; readonly message: string; readonly stage?: string };
  stop?: { readonly code: string; readonly threshold: number; readonly actual: number };
  closed?: {
    readonly outcome: 'committed' | 'nothing-to-commit' | 'not-asked' | 'declined' | 'exported' | 'failed';
    readonly commit?: string;
    readonly files: readonly string[];
    readonly validationPassed: boolean;
    /** Where the files are, relative to the project's root. */
    readonly location?: string;
    /** With `failed`: why. */
    readonly code?: string;
    readonly message?: string;
    readonly logFile?: string;
  };
  /** File with the details of a failure (absolute). */
  diagnostic?: { readonly path: string; readonly stackTrace?: string };
  historyRecorded: boolean;
  readonly metrics: Counters;
}

/** Sums kept while folding, so that no reader has to walk the frames. */
export interface Counters {
  totalFrames: number;
  approved: number;
  rejected: number;
  failed: number;
  attempts: number;
  /** Frames with more than one attempt, not for the sake of a service that had to be waited for. */
  retriedFrames: number;
  consecutiveFails: number;
  tokens: number;
  costMicroUsd: number;
  /** Agent attempts that ended without saying what they cost. */
  unknownCost: number;
  /** Sum and number of finished frames' durations, in ms, for estimates. */
  finishedFrameMs: number;
  finishedFrames: number;
}
