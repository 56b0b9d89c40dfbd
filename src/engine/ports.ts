import type { AgentErrorReason, AgentEvent, Usage } from '../core/agent/event.ts';
import type { Result } from '../core/result.ts';
import type { RunEvent, RunEventBody } from '../core/run/event.ts';
import type { RunRequest } from '../core/run/request.ts';

/** Time and identity as inputs, so that everything above them can be replayed. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A fresh UUID v4. */
  id(): string;
}

/** What a job is about, for runners that do not read prose (`offline`, `command:`). */
export interface AgentJob {
  /** `audit`: what an attempt left is checked. `undo`: the stage's own work is taken back. */
  readonly kind: 'work' | 'review' | 'audit' | 'undo';
  /** Stage of the pipeline, e.g. `alex`, `codey-implement`. */
  readonly stage: string;
  /** Absent in feature runs, as are the next seven. */
  readonly pipeline?: string;
  /** Index of the frame, from zero. */
  readonly frame?: number;
  /** Name of the strategy by which this attempt differs from the last. */
  readonly strategy?: string;
  /** With its variables filled in. */
  readonly task?: string;
  readonly environment?: string;
  /** Names that the stage has to give a value in `outputFile`. */
  readonly outputs?: readonly string[];
  /** Globs of files that have to be there afterwards. */
  readonly produces?: readonly string[];
  /** The item of `foreach` that this frame is about. */
  readonly item?: string;
  /** Empty outside of feature runs, as are the next two. */
  readonly slug: string;
  readonly featureId: string;
  /** Relative to `cwd`. */
  readonly briefPath: string;
  /** The step of the plan that this frame implements, from one. */
  readonly step?: number;
  /** What the last attempt left wrong; empty on the first. */
  readonly findings: readonly string[];
  readonly withStories: boolean;
}

/** One agent session to be run. */
export interface AgentOrder {
  readonly runId: string;
  readonly attempt: number;
  /** The role's name, e.g. `alex`. */
  readonly agent: string;
  /** The role's standing instructions (body of its Markdown file). */
  readonly instructions: string;
  readonly prompt: string;
  /** Absolute; where the agent works. */
  readonly cwd: string;
  /** Model asked for, in the runner's own naming; absent: the runner's default. */
  readonly model?: string;
  /** Tools that the role allows, in Claude Code's naming; absent: the runner's default for a stage that writes. */
  readonly tools?: readonly string[];
  readonly maxTurns?: number;
  /** Session to continue, when the runner gave one before. */
  readonly sessionId?: string;
  /** Whole attempt, in ms. */
  readonly timeoutMs: number;
  /** Longest silence (no event, no output), in ms. */
  readonly stallTimeoutMs: number;
  /** Nobody will go on with the session: an agent that can do without keeps no record of it. */
  readonly unrecorded?: true;
  /** What may still be spent, integer micro-USD; handed to the agent's own budget flag where it has one. */
  readonly maxCostMicroUsd?: number;
  /** Absolute path at which the agent may leave a typed JSON answer (`MURMUR8_ANSWER`). */
  readonly answerFile: string;
  /** Absolute path at which the agent leaves outputs as `key=value` lines (`MURMUR8_OUTPUT`). */
  readonly outputFile?: string;
  /** Variables of the stage besides what every agent gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute path of the masked log to write. */
  readonly logFile: string;
  /** Absolute directory for spool files and the agent's temporary files; private to this attempt. */
  readonly scratchDir: string;
  /** Absolute directory for the agent's own configuration and sessions, kept for the whole run. */
  readonly homeDir: string;
  readonly job: AgentJob;
}

/** How an agent session ended, decided by the runner from exit code, terminal event and its own stop reason. */
export interface AgentOutcome {
  readonly outcome:
    | 'ok'
    | 'crashed'
    | 'no-result'
    | 'timeout'
    | 'stalled'
    | 'output-limit'
    | 'cancelled'
    | 'spawn-error'
    | AgentErrorReason;
  /** For people, without secrets; absent when all went well. */
  readonly message?: string;
  readonly exitCode?: number;
  readonly sessionId?: string;
  readonly model?: string;
  readonly agentVersion?: string;
  readonly usage?: Usage;
  /** Last text of the agent, bounded. */
  readonly text?: string;
  /** With `stalled`: how long it had been silent, in ms. */
  readonly silentMs?: number;
  /** With `quota`, `overloaded` or `unavailable`: when the service said it would answer again, ISO 8601 UTC. */
  readonly retryAt?: string;
}

export interface RunnerInfo {
  readonly runner: string;
  readonly version?: string;
  /** Absolute path of the program, where there is one. */
  readonly program?: string;
  readonly login: 'ok' | 'missing' | 'unknown';
  readonly reportsCost: boolean;
}

/** A program that executes agents. One implementation per coding agent. */
export interface AgentRunner {
  readonly name: string;
  /** Does it really start here? Cheap, and without asking a model. `timeoutMs`: longest wait; absent: the runner's own. */
  probe(timeoutMs?: number): Promise<Result<RunnerInfo>>;
  /** Never rejects for what an agent does; the whole process tree has ended when it resolves. */
  run(order: AgentOrder, onEvent: (event: AgentEvent) => void, signal: AbortSignal): Promise<AgentOutcome>;
}

/** A command line run by the engine itself, such as the tests. */
export interface CommandOrder {
  readonly runId: string;
  /** Passed to `/bin/sh -c`. */
  readonly commandLine: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Longest silence (no output), in ms; absent: any. */
  readonly stallTimeoutMs?: number;
  readonly logFile: string;
  readonly scratchDir: string;
}

export interface CommandOutcome {
  readonly outcome: 'ok' | 'failed' | 'timeout' | 'stalled' | 'cancelled' | 'spawn-error' | 'output-limit';
  readonly exitCode?: number;
  readonly message?: string;
  /** With `stalled`: how long it had been silent, in ms. */
  readonly silentMs?: number;
  /** What it printed (standard output, then standard error), masked, at most the last 2 MB of each. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface CommandRunner {
  run(order: CommandOrder, signal: AbortSignal): Promise<CommandOutcome>;
}

/** Hash of a tree of the working copy: its files as they were when it was taken. */
export interface Checkpoint {
  /** Commit id on a private ref. */
  readonly commit: string;
  readonly tree: string;
}

/** What a working tree stands on. */
export interface CheckedOut {
  /** Commit; null when there is none yet. */
  readonly head: string | null;
  /** Whole name of the branch's ref; null when none is checked out. */
  readonly branch: string | null;
}

export interface FileChange {
  readonly path: string;
  readonly kind: 'create' | 'update' | 'delete';
}

export interface WorkingTreeState {
  /** Absolute root of this working tree. */
  readonly root: string;
  /** Absolute root of the main working tree, where state lives. */
  readonly mainRoot: string;
  /** Branch, or null when HEAD is detached. */
  readonly branch: string | null;
  /** Commit id, or null when there is none yet. */
  readonly head: string | null;
  /** Paths that differ from HEAD or are untracked, relative to the root. */
  readonly dirty: readonly string[];
}

/** The project's version control. The user's index, branch, stash and uncommitted changes are never touched but by `commit`. */
export interface Repository {
  state(): Promise<Result<WorkingTreeState>>;
  /** Records the whole working tree (ignored files excepted) at `refs/murmur8/<name>`, and tells what was checked out. */
  checkpoint(name: string, message: string): Promise<Result<Checkpoint & CheckedOut>>;
  /** Files that differ between a checkpoint and now, and what is checked out. */
  lookSince(
    checkpoint: Checkpoint,
  ): Promise<Result<CheckedOut & { readonly changes: readonly FileChange[] }>>;
  /** The same without what is checked out. */
  changesSince(checkpoint: Checkpoint): Promise<Result<readonly FileChange[]>>;
  /** Puts the given paths back as they were in the checkpoint; nothing else. */
  restore(checkpoint: Checkpoint, paths: readonly string[]): Promise<Result<void>>;
  /** Text of one file in a checkpoint; undefined if it was not there. */
  show(checkpoint: Checkpoint, path: string): Promise<Result<string | undefined>>;
  /** Unified diff of the given paths between a checkpoint and now, for a person. */
  diff(
    checkpoint: Checkpoint,
    paths: readonly string[],
    options: { readonly stat: boolean; readonly colour: boolean },
  ): Promise<Result<string>>;
  /** One commit with exactly these paths as they are in the working tree; other staged changes stay staged. Hooks run. */
  commit(paths: readonly string[], message: string): Promise<Result<{ readonly commit: string }>>;
  /** Undoes commits the agent made by itself and a change of branch: the branch is checked out at `head` again, the files untouched. */
  moveHeadBack(before: CheckedOut): Promise<Result<void>>;
  /** A problem with code `no-identity` when git would refuse to commit because it does not know who does. */
  canCommit(): Promise<Result<void>>;
  identity(): Promise<{ readonly name?: string; readonly email?: string; readonly remoteUrl?: string }>;
}

/** Text files of the project, as the engine reads and writes them. Paths are relative to the root of the working tree. */
export interface ProjectFiles {
  /** Undefined if it does not exist; a problem if it cannot be read, is larger than `maxBytes`, or leaves the project. */
  read(path: string, maxBytes?: number): Promise<Result<string | undefined>>;
  write(path: string, text: string): Promise<Result<void>>;
  /** File names (not paths) directly in a directory; empty if it does not exist. */
  list(directory: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
}

/** A run whose lease this process holds: the only way to write to its journal. */
export interface HeldRun {
  readonly executionId: string;
  readonly epoch: number;
  /** True if the owner before died without giving the run back. */
  readonly tookOver: boolean;
  /** Absolute directory of the run's files. */
  readonly directory: string;
  /** Events so far; empty for a new run. */
  readonly events: readonly RunEvent[];
  /** Appends events that arose together: one write and one sync, durable when it returns. A problem leaves the journal as it was. */
  advance(runId: string, at: string, bodies: readonly RunEventBody[]): Result<readonly RunEvent[]>;
  /** Replaces the document for readers; the journal stays the truth, so a failure only makes readers late. */
  snapshot(document: unknown): Result<void>;
  /** Requests that have not been settled yet, oldest first. */
  requests(): readonly RunRequest[];
  settle(requestId: string): void;
  release(): void;
}

export interface RunStore {
  create(executionId: string): Result<HeldRun>;
  /** A problem with code `held` names the living owner. */
  take(executionId: string): Result<HeldRun>;
}

/** Who is about to be started, and where. */
export interface SessionPlace {
  readonly runId: string;
  readonly stage: string;
  /** As on the command line. */
  readonly runner: string;
  /** Absolute. */
  readonly cwd: string;
}

export interface ContainedSession {
  /** What was put right before it, one sentence each. */
  readonly notices: readonly string[];
  /** To be called once the session's processes have ended; answers with what was put right, one sentence each. */
  close(): Promise<readonly string[]>;
}

/**
 * Keeps protected files as they are while agents are at work: what makes an agent or git run code, what says what stages
 * do, where secrets are kept. What an agent changes is put back, and nothing that it left is lost.
 */
export interface Containment {
  /** A problem when the agent would read a file at its start that is not as the run began with it. */
  open(place: SessionPlace): Result<ContainedSession>;
  /** A command of the pipeline's author begins, named as in a sentence: what changes until the answer is called is its own. */
  command(runId: string, name: string): () => void;
}
