import type { AgentErrorReason, AgentEvent, Usage } from '../../core/agent/event.ts';
import type { RetryTime } from '../../core/agent/retry-time.ts';
import type { TestedVersions } from '../../core/agent/tested-version.ts';
import type { Problem } from '../../core/problem.ts';
import type { AgentOrder, AgentOutcome, RunnerInfo } from '../../engine/ports.ts';
import type { OutputLine } from '../process/output.ts';
import type { StopStep } from '../process/stop.ts';
import type { SuperviseResult } from '../process/supervise.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One start of an agent's program, as far as its definition has to know it. */
export interface CliSession {
  /** As the agent gets it: its answer and its outputs are at places that it can reach. */
  readonly order: AgentOrder;
  /** Absolute path of the program. */
  readonly program: string;
  /** Absolute, private, for the session's temporary files; gone when the attempt is over. */
  readonly temporaryDir: string;
  /** Ours, from which an allow-list picks. */
  readonly env: Environment;
  /** The agent's configuration and sessions belong into `order.homeDir` instead of the user's home. */
  readonly isolated: boolean;
}

/** What an agent said at its end. */
export interface CliResult {
  readonly ok: boolean;
  /** Only where it is not ok; then absent means `agent`. */
  readonly reason?: AgentErrorReason;
  /** The last text, or the error's wording. */
  readonly text: string;
  readonly usage?: Usage;
  /** When the service will answer again, where it said so. */
  readonly retry?: RetryTime;
}

/** Reads what an agent prints on standard output. Made anew for each start. */
export interface CliReader {
  readonly line: (line: string) => readonly AgentEvent[];
  /** Of standard error, for agents that say something there only. */
  readonly errorLine?: (line: string) => readonly AgentEvent[];
  /** Undefined as long as there is none; asked after the last line. */
  readonly result: () => CliResult | undefined;
  /** Whether a tool was started and has not answered yet. */
  readonly toolRunning: () => boolean;
  /** For agents without a limit of their own: why it has to be ended now, if so. Asked after each line. */
  readonly overLimit?: () => { readonly reason: AgentErrorReason; readonly message: string } | undefined;
  /** Called once the process tree is gone: keeps what a later start has to know. */
  readonly ended?: () => Promise<void>;
}

/** A file of the agent's own configuration. */
export interface OwnFile {
  /** Absolute; below `order.homeDir`. */
  readonly path: string;
  readonly text: string;
}

/** How a start ended. */
export type Ending = Pick<AgentOutcome, 'outcome' | 'message' | 'silentMs'>;

/** All in which one coding agent with a command line differs from another. */
export interface CliAgentDefinition {
  /** Of the runner. */
  readonly name: string;
  /** Of the program, for people. */
  readonly title: string;
  readonly notFound: Problem;
  readonly tested: TestedVersions;
  readonly reportsCost: boolean;
  /** Absolute path of the program, or undefined. A relative path that the user named starts at `cwd`. */
  readonly find: (env: Environment, cwd: string) => Promise<string | undefined>;
  /** What `--version` gets besides what every child gets. */
  readonly versionEnvironment: (env: Environment) => Readonly<Record<string, string>>;
  /** As far as it can be told without asking the service, and without reading a secret. */
  readonly login: (env: Environment) => Promise<RunnerInfo['login']>;
  /** A line that only says that the agent is alive, such as a piece of an answer that comes whole as well: not kept. */
  readonly isSignOfLife?: (stream: OutputLine['stream'], line: string) => boolean;
  /** The agent's own name of the tool with which it writes a file. */
  readonly writingTool: string;
  /** What goes in through standard input; the order's prompt where there is no such function. */
  readonly prompt?: (order: AgentOrder) => string;
  /** Written before each start, readable by the owner alone. */
  readonly files?: (session: CliSession) => readonly OwnFile[];
  readonly arguments: (session: CliSession) => readonly string[];
  /** The whole environment. */
  readonly environment: (
    session: CliSession,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  readonly reader: (session: CliSession) => CliReader | Promise<CliReader>;
  /** `errors` is the end of standard error, without secrets and terminal escapes. */
  readonly outcome: (
    order: AgentOrder,
    end: SuperviseResult,
    result: CliResult | undefined,
    errors: string,
  ) => Ending;
  /** Whether the agent could not go on with this session because nothing is left of it: it is started afresh then. */
  readonly lostSession: (sessionId: string, message: string) => boolean;
  readonly stopLadder: readonly StopStep[];
  /** How long a tool may be silent, in ms, whatever the order says of silence. */
  readonly longestToolMs: number;
}
