import { randomUUID } from 'node:crypto';
import type { AgentEvent } from '../../core/agent/event.ts';
import { mapEventText } from '../../core/agent/event-text.ts';
import { createMasker } from '../../core/agent/mask.ts';
import { plainText, shorten } from '../../core/agent/plain-text.ts';
import type { AgentOrder, AgentOutcome, AgentRunner } from '../../engine/ports.ts';
import { lastLines } from '../process/last-lines.ts';
import { superviseProcess } from '../process/supervise.ts';
import { prepareAttempt } from './attempt-files.ts';
import type { CliAgentDefinition, CliSession, Environment } from './cli-agent-definition.ts';
import { recordEvents } from './cli-events.ts';
import { probeCliAgent } from './cli-probe.ts';
import { findCliProgram } from './cli-program.ts';
import { writeOwnFiles } from './own-files.ts';
import { openSessionWorkspace } from './session-workspace.ts';

export interface CliAgentDependencies {
  /** The environment from which the allow-list picks; also holds the login, if it is a variable. */
  readonly env: Environment;
  /** Values to be hidden in logs, events and outcomes. */
  readonly secrets: readonly string[];
  /** Where a relative path of a program that the user named starts. */
  readonly cwd: string;
  /** Keeps configuration and sessions in the run's own directory instead of the user's, whose login is then not seen. */
  readonly isolated?: boolean;
}

const KEPT_ERRORS = 2_000;

/** A coding agent with a command line, headless: one process per attempt, prompt in, a stream of lines out. */
export function createCliAgent(
  definition: CliAgentDefinition,
  dependencies: CliAgentDependencies,
): AgentRunner {
  return {
    name: definition.name,
    probe: (timeoutMs) => probeCliAgent(definition, dependencies.env, dependencies.cwd, timeoutMs),
    run: (order, onEvent, signal) => run(definition, dependencies, order, onEvent, signal),
  };
}

async function run(
  definition: CliAgentDefinition,
  dependencies: CliAgentDependencies,
  order: AgentOrder,
  onEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const { env, cwd, isolated = false } = dependencies;
  const found = await findCliProgram(definition, env, cwd);
  if (!found.ok) return { outcome: 'spawn-error', message: `${found.error.message}; ${found.error.hint}` };
  const program = found.value;
  const mask = createMasker(dependencies.secrets);
  const workspace = await openSessionWorkspace(order, mask, definition.writingTool);
  try {
    const attempt = (from: AgentOrder) => {
      const session = { order: from, program, temporaryDir: workspace.directory, env, isolated };
      return runSession(definition, session, mask, onEvent, signal);
    };
    const outcome = await attempt(workspace.order);
    if (!lostSession(definition, workspace.order, outcome)) return outcome;
    const { sessionId: _lost, ...afresh } = workspace.order;
    return await attempt(afresh);
  } finally {
    await workspace.finish();
  }
}

/**
 * Agents write their session down with some delay: of one that was killed there may be nothing to go on with.
 * Another attempt at resuming it would fail in the same way, before any request.
 */
function lostSession(
  definition: CliAgentDefinition,
  { sessionId }: AgentOrder,
  { outcome, message = '' }: AgentOutcome,
): boolean {
  if (sessionId === undefined || outcome === 'ok' || outcome === 'cancelled') return false;
  return definition.lostSession(sessionId, message);
}

async function runSession(
  definition: CliAgentDefinition,
  session: CliSession,
  mask: (text: string) => string,
  onEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const { order } = session;
  const prepared = await prepareAttempt(order, definition.prompt?.(order) ?? order.prompt);
  if (!prepared.ok) return { outcome: 'spawn-error', message: prepared.error };
  const written = await writeOwnFiles(definition.files?.(session) ?? []);
  if (!written.ok) return { outcome: 'spawn-error', message: written.error };
  const clean = (text: string) => mask(plainText(text));
  const reader = await definition.reader(session);
  const about = recordEvents(order, Date.now);
  const errors = lastLines(KEPT_ERRORS);
  const env = await definition.environment(session);
  const ownEnd = new AbortController();
  const hasToEnd = () => reader.overLimit?.() ?? about.shutOut();
  const end = await superviseProcess(
    {
      program: session.program,
      args: definition.arguments(session),
      cwd: order.cwd,
      env,
      marker: `${order.runId}/${order.attempt}-${randomUUID()}`,
      inputFile: prepared.value.promptFile,
      spoolDir: prepared.value.spoolDir,
      logFile: order.logFile,
      timeoutMs: order.timeoutMs,
      sparesTheBusy: true,
      silenceLimitMs: () =>
        reader.toolRunning()
          ? Math.max(order.stallTimeoutMs, definition.longestToolMs)
          : order.stallTimeoutMs,
      stopLadder: definition.stopLadder,
      mask,
      isSignOfLife: definition.isSignOfLife,
      onLine: ({ stream, raw, shown }) => {
        if (stream === 'stderr') errors.add(shown);
        // Parsed as it came, for a mask may break JSON; masked before anyone sees it.
        for (const event of (stream === 'stderr' ? reader.errorLine?.(raw) : reader.line(raw)) ?? []) {
          const masked = mapEventText(event, clean);
          about.note(masked);
          onEvent(masked);
        }
        if (hasToEnd() !== undefined) ownEnd.abort();
      },
    },
    AbortSignal.any([signal, ownEnd.signal]),
  );
  const result = reader.result();
  const limit = end.cause === 'cancelled' && !signal.aborted ? hasToEnd() : undefined;
  const { outcome, message, silentMs } =
    limit === undefined
      ? definition.outcome(order, end, result, errors.text().trim())
      : { outcome: limit.reason, message: limit.message, silentMs: undefined };
  await reader.ended?.();
  return {
    outcome,
    ...(silentMs === undefined ? {} : { silentMs }),
    ...(message === undefined ? {} : { message: shorten(clean(message), KEPT_ERRORS) }),
    ...(end.exitCode === null ? {} : { exitCode: end.exitCode }),
    ...(result?.usage === undefined ? {} : { usage: result.usage }),
    ...about.retryAt(outcome),
    ...about.facts(),
  };
}
