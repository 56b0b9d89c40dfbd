/**
 * A pipeline in normal form: names checked, order resolved to `needs`, durations in ms. A run keeps the one it
 * started with, whatever happens to the file afterwards (spec: pipelines 5).
 */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Stages that may run at the same time. */
  readonly maxParallel: number;
  readonly limits: Limits;
  readonly stages: readonly Stage[];
  /** What is done once every stage has ended well. */
  readonly closing: 'commit' | 'none';
}

export interface Stage {
  readonly name: string;
  /** Stages that must have ended before this one starts. */
  readonly needs: readonly string[];
  readonly work: AgentWork | CommandWork;
  readonly timeoutMs: number;
  /** How often an attempt that itself failed is made again. */
  readonly retries: number;
  /** How often a result that does not hold its contract is put back to the agent. */
  readonly repairs: number;
  readonly onFailure: 'halt' | 'continue';
  /** Name of the contract that the engine checks after every attempt. */
  readonly contract?: string;
  /** Name of the list whose items are the frames of this stage; without it the stage is one frame. */
  readonly foreach?: string;
  /** Stage whose result the agent of this one rates before it starts. */
  readonly reviews?: readonly string[];
  readonly when?: VariableCondition;
}

export interface AgentWork {
  readonly kind: 'agent';
  readonly agent: string;
  readonly task?: string;
  readonly model?: string;
}

export interface CommandWork {
  readonly kind: 'command';
  readonly run: string;
}

/** Every variable named must have the value given. A variable that nobody set is not met. */
export interface VariableCondition {
  readonly variable: Readonly<Record<string, string>>;
}

/** Stop conditions (spec: run-status). Absent means no limit. Rates are 0..1. */
export interface Limits {
  readonly retryRate?: number;
  readonly rejectRate?: number;
  /** Frames that must have ended before a rate is looked at. Default 5. */
  readonly afterFrames?: number;
  readonly consecutiveFails?: number;
  /** Attempts in the whole run: the circuit breaker. */
  readonly maxAttempts?: number;
  readonly maxCostMicroUsd?: number;
  readonly maxTokens?: number;
  readonly maxDurationMs?: number;
}
