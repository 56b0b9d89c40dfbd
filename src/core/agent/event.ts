/**
 * What a coding agent does while it works, in one form for every runner.
 * Runners translate their own output into it; unknown output becomes `raw` and is never fatal.
 */
export type AgentEvent =
  | {
      readonly type: 'started';
      readonly sessionId?: string;
      readonly model?: string;
      readonly agentVersion?: string;
    }
  | { readonly type: 'message'; readonly text: string }
  | {
      readonly type: 'tool';
      readonly phase: 'start' | 'end';
      readonly id: string;
      readonly name?: string;
      /** The one argument that tells a person most: a path or a command line. */
      readonly subject?: string;
      readonly ok?: boolean;
    }
  | {
      /** The agent asked whether it may; the runner answered by the role's tools. */
      readonly type: 'permission';
      readonly id: string;
      readonly name: string;
      readonly subject?: string;
      readonly allowed: boolean;
      /** Why not; absent when allowed. */
      readonly message?: string;
    }
  | { readonly type: 'file'; readonly path: string; readonly kind: 'create' | 'update' | 'delete' }
  | {
      readonly type: 'retry';
      readonly status?: number;
      readonly attempt?: number;
      readonly delayMs?: number;
      readonly message?: string;
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'result'; readonly text?: string; readonly turns?: number; readonly denials?: number }
  | {
      readonly type: 'error';
      readonly reason: AgentErrorReason;
      readonly status?: number;
      readonly message: string;
      /** When the service will answer again, as it said: milliseconds since the epoch, or from now. */
      readonly retryAt?: number;
      readonly retryAfterMs?: number;
    }
  | { readonly type: 'raw'; readonly text: string };

/** `quota` returns with time, `billing` only once somebody pays. */
export type AgentErrorReason =
  | 'auth'
  | 'quota'
  | 'billing'
  | 'overloaded'
  | 'refused'
  | 'turn-limit'
  | 'budget'
  | 'context'
  | 'unavailable'
  | 'agent';

/** Tokens of one attempt, cumulative. `input` excludes cached tokens. Absent means unknown, never zero. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /** More tokens were used than these, and nobody says how many: they may be less than the truth, the cost is not. */
  readonly tokensIncomplete?: true;
  /** Integer micro-USD as the agent reported it. */
  readonly costMicroUsd?: number;
}
