import type { RunEventBody } from '../run/event.ts';

/**
 * What shall happen next, as data. `record` is a fact that follows from the state alone; `perform` is work in the
 * world, named by a key that stays the same for as long as the work is wanted; `wait` is a time to look again.
 */
export type Decision =
  | { readonly do: 'record'; readonly event: RunEventBody }
  | { readonly do: 'perform'; readonly key: string; readonly work: Work }
  /** A limit is reached: what is at work is ended, and kept for whoever continues the run. */
  | { readonly do: 'interrupt' }
  /** `idle`: nothing has to stay awake for it; whoever looks next may see to it. */
  | { readonly do: 'wait'; readonly until: number; readonly idle?: boolean };

export type Work =
  | { readonly kind: 'open'; readonly stage: string }
  | { readonly kind: 'review'; readonly stage: string; readonly about: string }
  | { readonly kind: 'ask-gate'; readonly stage: string; readonly about: string }
  | AttemptWork
  | JudgeWork
  | {
      readonly kind: 'ask-question';
      readonly stage: string;
      readonly frame: number;
      readonly attempt: number;
      readonly question: string;
    }
  | AskApprovalWork
  | { readonly kind: 'notify'; readonly stage: string; readonly approvalId: string }
  | UndoWork
  | { readonly kind: 'close' };

/** Ask people before a stage begins: who they are, and what exactly they approve, only the world knows. */
export interface AskApprovalWork {
  readonly kind: 'ask-approval';
  readonly stage: string;
  /** How often it was asked for before. */
  readonly nth: number;
}

/** One step of a rollback; its `rollback.step.started` is recorded before the work begins. */
export interface UndoWork {
  readonly kind: 'undo';
  readonly stage: string;
  readonly rollbackId: string;
}

/** The check of what an attempt left. */
export interface JudgeWork {
  readonly kind: 'judge';
  readonly stage: string;
  readonly frame: number;
  readonly attempt: number;
  /** Who of the agent's runners makes it, where an agent does; absent: the first. */
  readonly runner?: string;
}

/** One attempt at a frame; its `attempt.started` is recorded before the work begins. */
export interface AttemptWork {
  readonly kind: 'attempt';
  readonly stage: string;
  readonly frame: number;
  readonly attempt: number;
  /** Who of the agent's runners makes it; absent: the first. */
  readonly runner?: string;
  /** Why another one than the first, in words. */
  readonly runnerReason?: string;
  readonly strategy?: string;
  readonly strategyReason?: string;
  /** What has to be put right, in words for the agent. */
  readonly findings: readonly string[];
  /** Session of the agent to continue. */
  readonly sessionId?: string;
  readonly question?: string;
  readonly answer?: string;
}
