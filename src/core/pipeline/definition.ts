/**
 * A pipeline in normal form: names checked, order resolved to `needs`, durations in ms. A run keeps the one it
 * started with, whatever happens to the file afterwards (spec: pipelines 5).
 */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  /** The author's own revision number. */
  readonly version?: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly triggers?: readonly Trigger[];
  readonly concurrency?: Concurrency;
  /** Stages that may run at the same time. */
  readonly maxParallel: number;
  readonly limits: Limits;
  readonly stages: readonly Stage[];
  /** What is done once every stage has ended well. */
  readonly closing: 'commit' | 'none';
  /** What the run gives out, made and checked once after the last stage. */
  readonly export?: Export;
}

/** The result of a run as files in one place. Its work is no frame: it is counted nowhere. */
export interface Export {
  /** Directory relative to the project's root, with references to variables as written; made before the work begins. */
  readonly location: string;
  /** Command line that fills the location. Absent: the stages have done so. */
  readonly run?: string;
  /** Globs of the files that have to be there afterwards, relative to the location. Empty: whatever is there. */
  readonly files: readonly string[];
  /** Command line that checks the result: exit code 0 means that it holds. Absent: the files' being there is enough. */
  readonly validate?: string;
  /** Longest time of each of the two commands, in ms. */
  readonly timeoutMs: number;
  /** Tool whose failure this one's is: its reason code is `DEP_<TOOL>_FAIL`. */
  readonly dependency?: string;
}

export interface Stage {
  readonly name: string;
  /** Name of the parallel group that it was written in. */
  readonly group?: string;
  /** Stages that must have ended before this one starts. */
  readonly needs: readonly string[];
  readonly work: Job;
  /** Longest time of one attempt, in ms. */
  readonly timeoutMs: number;
  /** How often an attempt that itself failed is made again. */
  readonly retries: number;
  /** Pauses between these attempts, and which failures are worth one. Absent: what suits the failure. */
  readonly retry?: RetryRule;
  /** How often a result that does not hold its contract is put back to the agent. */
  readonly repairs: number;
  /** What the failure of this stage means for the run, once its retries are used up. */
  readonly onFailure: 'halt' | 'continue' | 'rollback';
  /** The stage to which is rolled back; always set with `rollback`. */
  readonly rollbackTo?: string;
  /** How this stage is undone. */
  readonly rollback?: Undo;
  /** People who have to agree before this stage starts. */
  readonly approval?: ApprovalRule;
  /** A label such as `staging`. */
  readonly environment?: string;
  /** Environment variables of its commands and agents; values may hold references to variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project's root. */
  readonly workingDirectory?: string;
  /** Names that its work must give a value. */
  readonly outputs?: readonly string[];
  /** Globs of files that must be there afterwards, relative to the working directory. */
  readonly produces?: readonly string[];
  /** Name of the contract that the engine checks after every attempt. */
  readonly contract?: string;
  /**
   * The items whose frames this stage has; without it the stage is one frame. A list, or one word: the name of a list
   * that a contract knows (`plan-steps`), a glob, the path of a JSON file, or a reference to an output.
   */
  readonly foreach?: string | readonly string[];
  /** Frames of this stage that may be at work at the same time. Absent: one. */
  readonly maxParallel?: number;
  /** Who checks the result of every attempt. */
  readonly audit?: Audit;
  /** Stop conditions counted over this stage's own frames. */
  readonly limits?: Limits;
  /** Stage whose result the agent of this one rates before it starts. */
  readonly reviews?: readonly string[];
  readonly when?: Condition;
  /** Tool whose failure this stage's is: its reason code is `DEP_<TOOL>_FAIL`. */
  readonly dependency?: string;
}

/** What a stage, or the undoing of one, does. */
export type Job = AgentWork | CommandWork;

export interface AgentWork {
  readonly kind: 'agent';
  readonly agent: string;
  /** With references to variables as written. */
  readonly task?: string;
  readonly model?: string;
}

export interface CommandWork {
  readonly kind: 'command';
  /** With references to variables as written. */
  readonly run: string;
}

/**
 * Checks what an attempt made (spec: run-status, frames). A command approves with exit code 0 and rejects with any other
 * below 126; both kinds may give their verdict and findings as a typed answer.
 */
export interface Audit {
  readonly work: Job;
  /** Longest time of one check, in ms. */
  readonly timeoutMs: number;
}

/** How a stage is undone (spec: pipelines 7). */
export interface Undo {
  readonly work: Job;
  readonly timeoutMs: number;
}

/** Exponential backoff: `delay * factor^(n-1)`, at most `maxDelayMs`, less up to the share `jitter` of it. */
export interface RetryRule {
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** 0..1. */
  readonly jitter: number;
  /** Exit codes, or outcomes such as `timeout`, that are worth another attempt. Absent: every one. */
  readonly on?: readonly (number | string)[];
  /** How the attempts after the first differ, in this order; the last one stays. */
  readonly strategies?: readonly Strategy[];
}

/** Told to whoever makes the attempt, and shown as the current action. */
export interface Strategy {
  /** Such as `IDENTITY_RESCUE`. */
  readonly name: string;
  /** What it means, for an agent; with references to variables as written. */
  readonly task?: string;
}

/** Spec: pipelines 6. */
export interface ApprovalRule {
  /** Empty: whoever the configuration names. */
  readonly approvers: readonly string[];
  /** Votes needed. */
  readonly quorum: number | 'all' | 'any';
  readonly timeoutMs: number;
  /** What is done when the deadline passes. */
  readonly onTimeout: 'reject' | 'approve';
  /** Whoever started the run cannot vote. */
  readonly preventSelfApproval: boolean;
}

/**
 * When a stage runs (spec: pipelines 3). Keys are ANDed, lists are ORed, but for `and` and `not`; with `or` beside
 * others it is (others) OR (any alternative).
 */
export interface Condition {
  readonly branch?: readonly string[];
  readonly path?: readonly string[];
  readonly label?: readonly string[];
  readonly variable?: Readonly<Record<string, string | readonly string[]>>;
  readonly and?: readonly Condition[];
  readonly or?: readonly Condition[];
  readonly not?: readonly Condition[];
}

/** Keys are ANDed, lists ORed (spec: pipelines 8). */
export interface Trigger {
  readonly event?: readonly string[];
  readonly branches?: readonly string[];
  readonly paths?: readonly string[];
  readonly labels?: readonly string[];
  readonly schedule?: Schedule;
  /** Take events of forks as well. */
  readonly forks?: boolean;
}

export interface Schedule {
  /** Five fields. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  /** What becomes of times that passed while nobody looked. */
  readonly catchUp: 'skip' | 'once' | 'all';
}

/** Runs of one group do not overlap: a newer one waits, or ends the older one. */
export interface Concurrency {
  /** With references to variables as written. */
  readonly group: string;
  readonly cancelInProgress: boolean;
}

/** Stop conditions (spec: run-status) of a run or of one stage. Absent means no limit. Rates are 0..1. */
export interface Limits {
  readonly retryRate?: number;
  readonly rejectRate?: number;
  /** Frames that must have ended before a rate is looked at. Default 5. */
  readonly afterFrames?: number;
  readonly consecutiveFails?: number;
  /** Attempts altogether: the circuit breaker. */
  readonly maxAttempts?: number;
  readonly maxCostMicroUsd?: number;
  readonly maxTokens?: number;
  readonly maxDurationMs?: number;
  /** Longest silence of an attempt: no event and no output for so long. */
  readonly stallTimeoutMs?: number;
  /** Longest wait for an agent's service that has no quota left or is overloaded; 0: none. Absent: an hour. */
  readonly quotaWaitMs?: number;
}
