import type { Job } from '../../core/pipeline/definition.ts';
import type { Result } from '../../core/result.ts';
import type { Digest } from '../../core/run/audit.ts';
import type { ApprovalState, RunState } from '../../core/run/state.ts';
import type { AgentSessionWorld } from '../agent-session.ts';
import type { Asked } from '../ask-question.ts';
import type { Contained } from '../containment.ts';
import type { Clock, CommandRunner } from '../ports.ts';

/** Places of one attempt's files, all absolute. */
export interface StagePlaces {
  readonly answerFile: string;
  /** Takes the outputs as `key=value` lines; not there when the attempt begins. */
  readonly outputFile: string;
  readonly logFile: string;
  readonly scratchDir: string;
  readonly homeDir: string;
}

/** Everything that a YAML pipeline asks of the world. */
export interface PipelineWorld extends AgentSessionWorld {
  /** Absolute root of the project in which stages work. */
  readonly root: string;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly digest: Digest;
  /** Somebody at a terminal, or nobody. */
  readonly person: Asked;
  /** Watches over whatever is started, if agents are; its runners and commands are those of this world. */
  readonly contained?: Contained;
  /** Text of a prompt by name: `stage`, `audit`, `undo`. */
  prompt(name: string): Promise<Result<string>>;
  /** Rules that stand in every prompt. */
  readonly guardrails: string;
  /**
   * Makes the private places of one piece of work, such as an attempt, named `<stage>/<frame>-<attempt>`; commands share
   * their scratch.
   */
  places(state: RunState, name: string, kind: Job['kind']): StagePlaces;
  /** Where the outputs of an attempt that was made lie. */
  outputFileOf(state: RunState, name: string): string;
  /** Text of an answer or output file; undefined if none was written, a problem if it is too large or no file. */
  readLeft(file: string): Promise<Result<string | undefined>>;
  /** Text of a file of the project (relative to the root); undefined if it is not there. */
  readFile(path: string): Promise<Result<string | undefined>>;
  /** Files that match any of the globs, relative to `directory` (itself relative to the root), sorted, at most `limit`. */
  find(globs: readonly string[], directory: string, limit: number): Promise<Result<readonly string[]>>;
  /** True if the path is a directory inside the project. */
  isDirectory(path: string): Promise<boolean>;
  /**
   * Makes a directory of the project (relative to the root) with all above it, unless it is there. Answers with where it
   * really lies, relative to the root; a problem if links lead out of the project.
   */
  makeDirectory(path: string): Promise<Result<string>>;
  /** Commit that is checked out; null outside of git and before the first commit. */
  head(): Promise<Result<string | null>>;
  /** Approvers of gates that name none. */
  readonly defaultApprovers: readonly string[];
  /** Hides known secrets in text that is shown or stored. */
  mask(text: string): string;
  /** Hands the request to the configured channels, durably; answers with their names. */
  notify(state: RunState, approval: ApprovalState): Promise<Result<readonly string[]>>;
}
