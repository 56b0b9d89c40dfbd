import type { Job, Stage, Strategy } from '../../core/pipeline/definition.ts';
import type { Problem } from '../../core/problem.ts';
import type { Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import type { Lookup } from '../../core/variable/substitute.ts';
import type { AgentOutcome } from '../ports.ts';
import type { StagePlaces } from './world.ts';

/** One piece of work of a stage: an attempt at it, the check of what it left, or its undoing. */
export interface JobOrder {
  readonly state: RunState;
  readonly stage: Stage;
  readonly job: Job;
  readonly kind: 'work' | 'audit' | 'undo';
  readonly frame: number;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly places: StagePlaces;
  readonly lookup: Lookup;
  readonly item?: string;
  readonly findings: readonly string[];
  /** How this attempt differs from the last one. */
  readonly strategy?: Strategy;
  /** Who of the agent's runners does it; absent: the first. */
  readonly runner?: string;
  readonly sessionId?: string;
  /** The whole prompt, given what is filled in of the stage's texts. */
  readonly prompt: (filled: FilledTexts) => Promise<Result<string>>;
  readonly onSession?: (sessionId: string) => void;
  /** Of an attempt: tells what cannot wait for its end. */
  readonly report?: (events: readonly RunEventBody[]) => void;
}

/** Texts of a stage with their variables filled in. */
export interface FilledTexts {
  /** Empty where the stage has none. */
  readonly task: string;
  readonly environment?: string;
  readonly strategy?: Strategy;
}

/** Where a piece of work is done. */
export interface JobPlace {
  /** Absolute. */
  readonly cwd: string;
  /** Label of the stage. */
  readonly environment?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How the work ended. `missing-input`: something that it needs was not there, and nothing was started. */
export interface JobEnd extends Omit<AgentOutcome, 'outcome'> {
  readonly outcome: AgentOutcome['outcome'] | 'failed' | 'missing-input';
  readonly question?: string;
  /** It said itself that it failed, and with which reason code, if it did. */
  readonly told?: { readonly code?: string };
  /** What it left as its typed answer, as parsed JSON; a problem if that cannot be read. Absent: it left none. */
  readonly answer?: Result<unknown, Problem>;
  /** Last lines that a check printed. */
  readonly printed?: readonly string[];
}

export function missingInput(message: string): JobEnd {
  return { outcome: 'missing-input', message };
}
