import { commandWords } from '../../core/agent/command-words.ts';
import type { AgentEvent } from '../../core/agent/event.ts';
import { createMasker } from '../../core/agent/mask.ts';
import { plainText, shorten } from '../../core/agent/plain-text.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AgentOrder, AgentOutcome, AgentRunner, RunnerInfo } from '../../engine/ports.ts';
import { findProgram } from '../process/find-program.ts';
import { acpEnvironment, acpOwnFiles } from './acp-environment.ts';
import { probeAcp } from './acp-probe.ts';
import { type AcpProgram, runAcpSession } from './acp-session.ts';
import { prepareAttempt } from './attempt-files.ts';
import { writeOwnFiles } from './own-files.ts';
import { agentName } from './provider-variables.ts';
import { openSessionWorkspace } from './session-workspace.ts';

export interface AcpAgentDependencies {
  /** The environment from which the allow-list picks. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values to be hidden in logs, events and outcomes. */
  readonly secrets: readonly string[];
  /** Where a relative path of the program starts. */
  readonly cwd: string;
  /** Longest wait for the first answer, in ms; 90 seconds by default. */
  readonly startLimitMs?: number;
}

/**
 * A cold start of the slowest agent that was measured takes 18 s on an idle machine; and opencode (1.18.33) waits a
 * minute for a lock that was left by one that was ended.
 */
const START_LIMIT_MS = 90_000;

/**
 * Any agent that speaks the Agent Client Protocol (version 1): `acp:<command>`, started without a shell. It asks
 * before it does what its own settings do not allow, and is answered by the tools of the role.
 */
export function createAcpAgent(commandLine: string, dependencies: AcpAgentDependencies): AgentRunner {
  const name = `acp:${commandLine}`;
  return {
    name,
    probe: (startLimitMs = dependencies.startLimitMs ?? START_LIMIT_MS) =>
      probe(name, commandLine, { ...dependencies, startLimitMs }),
    run: (order, onEvent, signal) => run(commandLine, dependencies, order, onEvent, signal),
  };
}

async function run(
  commandLine: string,
  dependencies: AcpAgentDependencies,
  order: AgentOrder,
  onEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const program = await programOf(commandLine, dependencies);
  if (!program.ok) return { outcome: 'spawn-error', message: program.error.message };
  const prepared = await prepareAttempt(order, order.prompt);
  if (!prepared.ok) return { outcome: 'spawn-error', message: prepared.error };
  const written = await writeOwnFiles(acpOwnFiles(program.value.agent, order));
  if (!written.ok) return { outcome: 'spawn-error', message: written.error };
  const mask = createMasker(dependencies.secrets);
  // Most agents reach what is below the project; Claude Code writes nowhere below `.claude`, where the state is.
  const within = program.value.agent.startsWith('claude') ? undefined : order.scratchDir;
  const workspace = await openSessionWorkspace(order, mask, 'for writing files', within);
  try {
    return await runAcpSession(program.value, prepared.value, {
      order: workspace.order,
      directory: workspace.directory,
      env: acpEnvironment(dependencies.env, program.value.agent, workspace.order, {
        temporaryDir: prepared.value.temporaryDir,
        directory: workspace.directory,
      }),
      mask,
      clean: (text: string) => mask(plainText(text)),
      onEvent,
      signal,
    });
  } finally {
    await workspace.finish();
  }
}

async function programOf(
  commandLine: string,
  { env, cwd, startLimitMs = START_LIMIT_MS }: AcpAgentDependencies,
): Promise<Result<AcpProgram>> {
  const words = commandWords(commandLine);
  if (!words.ok) return words;
  const [name = '', ...args] = words.value;
  const program = await findProgram(name, env['PATH'], cwd);
  if (program === undefined) return fail(missing(name));
  return ok({ program, args, agent: agentName(words.value), startLimitMs, commandLine });
}

function missing(name: string): Problem {
  return {
    code: 'runner-missing',
    message: `the program of the agent cannot be found: ${shorten(name, 200)}`,
    hint: 'install it, or correct the command after acp:',
  };
}

/**
 * Whether the agent is known to tell what a session costs (measured). Of others that is seen only once they have
 * worked.
 */
export function acpTellsCost(commandLine: string): boolean {
  const words = commandWords(commandLine);
  return words.ok && TELLING.has(agentName(words.value));
}

const TELLING: ReadonlySet<string> = new Set(['claude-agent-acp', 'claude-code-acp', 'opencode']);

async function probe(
  name: string,
  commandLine: string,
  dependencies: AcpAgentDependencies,
): Promise<Result<RunnerInfo>> {
  const program = await programOf(commandLine, dependencies);
  if (!program.ok) return program;
  const found = await probeAcp(program.value, dependencies.env, dependencies.cwd);
  if (!found.ok) return found;
  return ok({
    runner: name,
    program: program.value.program,
    login: 'unknown',
    reportsCost: acpTellsCost(commandLine),
    ...found.value,
  });
}
