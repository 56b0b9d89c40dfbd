import type { FeedbackConfig } from '../../core/config/feedback-config.ts';
import type { Stack } from '../../core/feature/stack.ts';
import type { Result } from '../../core/result.ts';
import type { FeedbackState, RunState } from '../../core/run/state.ts';
import type { AgentSessionWorld } from '../agent-session.ts';
import type { Asked } from '../ask-question.ts';
import type { Contained } from '../containment.ts';
import type { Clock, CommandRunner, ProjectFiles, Repository } from '../ports.ts';

/** Somebody at a terminal, or nobody. */
export interface Person extends Asked {
  gate(
    feedback: FeedbackState,
  ): Promise<{ readonly answer: 'continue' | 'pause' | 'abort' | 'revise'; readonly comment?: string }>;
  /** What is wrong with the specification, or undefined when it is approved. */
  revision(path: string, text: string): Promise<string | undefined>;
  preview(preview: CommitPreview): Promise<'commit' | 'abort'>;
}

export interface CommitPreview {
  readonly files: readonly string[];
  /** `diff --stat` form. */
  readonly stat: string;
  readonly diff: () => Promise<string>;
  /** Files that had uncommitted changes of the user's before the run and were changed by it. */
  readonly alreadyDirty: readonly string[];
  readonly message: string;
}

/** Places of one attempt's files, all absolute. */
export interface AttemptPlaces {
  readonly answerFile: string;
  readonly logFile: string;
  readonly scratchDir: string;
  readonly homeDir: string;
}

/** Everything the feature pipeline asks of the world. */
export interface FeatureWorld extends AgentSessionWorld {
  /** Absolute root of the working tree in which agents work. */
  readonly root: string;
  readonly repository: Repository;
  readonly files: ProjectFiles;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly person: Person;
  readonly stack: Stack;
  readonly feedback: FeedbackConfig;
  /** Watches over whatever is started; its runners and commands are those of this world. */
  readonly contained?: Contained;
  /** Text of a prompt by name: a stage's, or `review`. */
  prompt(name: string): Promise<Result<string>>;
  /** Rules that stand in every prompt. */
  readonly guardrails: string;
  places(state: RunState, name: string): AttemptPlaces;
  /** The typed answer an agent left, as parsed JSON; undefined if there is none or it is not JSON. */
  readAnswer(answerFile: string): Promise<unknown>;
  /** Numbers of the lines, from one, that hold a secret known to this run. */
  secretLines(text: string): readonly number[];
}
