import { randomUUID } from 'node:crypto';
import { createClaudeReader } from '../../core/agent/claude-stream.ts';
import type { AgentEvent } from '../../core/agent/event.ts';
import { mapEventText } from '../../core/agent/event-text.ts';
import { createMasker } from '../../core/agent/mask.ts';
import { plainText, shorten } from '../../core/agent/plain-text.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AgentOrder, AgentOutcome, AgentRunner, RunnerInfo } from '../../engine/ports.ts';
import { capture } from '../process/capture.ts';
import { childEnvironment } from '../process/child-environment.ts';
import { lastLines } from '../process/last-lines.ts';
import type { StopStep } from '../process/stop.ts';
import { superviseProcess } from '../process/supervise.ts';
import { prepareAttempt } from './attempt-files.ts';
import { claudeArguments } from './claude-arguments.ts';
import { claudeEnvironment, claudeVariables } from './claude-environment.ts';
import { claudeLogin } from './claude-login.ts';
import { claudeOutcome } from './claude-outcome.ts';
import { findClaude } from './claude-program.ts';
import { type ClaudeWorkspace, openClaudeWorkspace } from './claude-workspace.ts';

export interface ClaudeAgentDependencies {
  /** The environment from which the allow-list picks; also holds the login, if it is a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values to be hidden in logs, events and outcomes. */
  readonly secrets: readonly string[];
  /** Where a relative MURMUR8_CLAUDE_PROGRAM starts. */
  readonly cwd: string;
  /** Keeps configuration and sessions in the run's own directory instead of the user's, whose login is then not seen. */
  readonly isolated?: boolean;
}

/** On SIGINT it ends its tools itself; SIGTERM would leave them alive. */
const STOP: readonly StopStep[] = [
  { signal: 'SIGINT', to: 'process', waitMs: 5_000 },
  { signal: 'SIGTERM', to: 'group', waitMs: 3_000 },
];

/** Claude Code lets a tool run this long at most; it is silent meanwhile, and that is no stall. */
const LONGEST_TOOL_MS = 11 * 60_000;

const KEPT_ERRORS = 2_000;
const VERSION_TIMEOUT_MS = 20_000;

/** Claude Code (measured with 2.1.197), headless. */
export function createClaudeAgent(dependencies: ClaudeAgentDependencies): AgentRunner {
  return {
    name: 'claude',
    probe: () => probe(dependencies),
    run: (order, onEvent, signal) => run(dependencies, order, onEvent, signal),
  };
}

async function run(
  dependencies: ClaudeAgentDependencies,
  order: AgentOrder,
  onEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const program = await findClaude(dependencies.env, dependencies.cwd);
  if (program === undefined) return { outcome: 'spawn-error', message: NOT_FOUND.message };
  const mask = createMasker(dependencies.secrets);
  const workspace = await openClaudeWorkspace(order, mask);
  try {
    const attempt = (from: AgentOrder) =>
      runIn({ ...workspace, order: from }, program, mask, dependencies, onEvent, signal);
    const outcome = await attempt(workspace.order);
    if (!lostSession(workspace.order, outcome)) return outcome;
    const { sessionId: _lost, ...afresh } = workspace.order;
    return await attempt(afresh);
  } finally {
    await workspace.finish();
  }
}

/**
 * Claude Code writes its session down with some delay: of one that was killed there may be nothing to go on with.
 * Another attempt at resuming it would fail in the same way, before any request.
 */
function lostSession(order: AgentOrder, { outcome, message = '' }: AgentOutcome): boolean {
  if (order.sessionId === undefined || outcome === 'ok' || outcome === 'cancelled') return false;
  return /no conversation found/i.test(message) && message.includes(order.sessionId);
}

async function runIn(
  { order, directory }: ClaudeWorkspace,
  program: string,
  mask: (text: string) => string,
  dependencies: ClaudeAgentDependencies,
  onEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const prepared = await prepareAttempt(order, order.prompt);
  if (!prepared.ok) return { outcome: 'spawn-error', message: prepared.error };
  const clean = (text: string) => mask(plainText(text));
  const reader = createClaudeReader(order.cwd);
  const session = sessionFacts(order);
  const errors = lastLines(KEPT_ERRORS);
  const end = await superviseProcess(
    {
      program,
      args: claudeArguments(order, randomUUID()),
      cwd: order.cwd,
      env: claudeEnvironment(dependencies.env, order, directory, dependencies.isolated === true),
      marker: `${order.runId}/${order.attempt}-${randomUUID()}`,
      inputFile: prepared.value.promptFile,
      spoolDir: prepared.value.spoolDir,
      logFile: order.logFile,
      timeoutMs: order.timeoutMs,
      silenceLimitMs: () =>
        reader.toolRunning() ? Math.max(order.stallTimeoutMs, LONGEST_TOOL_MS) : order.stallTimeoutMs,
      stopLadder: STOP,
      mask,
      onLine: ({ stream, raw, shown }) => {
        if (stream === 'stderr') {
          errors.add(shown);
          return;
        }
        // Parsed as it came, for a mask may break JSON; masked before anyone sees it.
        for (const event of reader.line(raw)) {
          const masked = mapEventText(event, clean);
          session.note(masked);
          onEvent(masked);
        }
      },
    },
    signal,
  );
  const result = reader.result();
  const { outcome, message, silentMs } = claudeOutcome(order, end, result, errors.text().trim());
  return {
    outcome,
    ...(silentMs === undefined ? {} : { silentMs }),
    ...(message === undefined ? {} : { message: shorten(clean(message), KEPT_ERRORS) }),
    ...(end.exitCode === null ? {} : { exitCode: end.exitCode }),
    ...(result?.usage === undefined ? {} : { usage: result.usage }),
    ...session.facts(),
  };
}

type SessionFacts = Pick<AgentOutcome, 'sessionId' | 'model' | 'agentVersion' | 'text'>;

/** What the events tell about the session, to be reported with its outcome. */
function sessionFacts(order: AgentOrder): { note(event: AgentEvent): void; facts(): SessionFacts } {
  let facts: SessionFacts = order.sessionId === undefined ? {} : { sessionId: order.sessionId };
  return {
    note(event) {
      if (event.type === 'started') {
        const { type: _, ...told } = event;
        facts = { ...facts, ...told };
      } else if ((event.type === 'message' || event.type === 'result') && event.text) {
        facts = { ...facts, text: event.text };
      }
    },
    facts: () => facts,
  };
}

const NOT_FOUND = {
  code: 'runner-missing',
  message: 'Claude Code (claude) cannot be found',
  hint: 'install it with `npm install -g @anthropic-ai/claude-code`, or set MURMUR8_CLAUDE_PROGRAM to its path',
};

async function probe(dependencies: ClaudeAgentDependencies): Promise<Result<RunnerInfo>> {
  const program = await findClaude(dependencies.env, dependencies.cwd);
  if (program === undefined) return fail(NOT_FOUND);
  const captured = await capture(program, ['--version'], {
    cwd: dependencies.cwd,
    env: childEnvironment(dependencies.env, {
      ...claudeVariables(dependencies.env),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    }),
    timeoutMs: VERSION_TIMEOUT_MS,
    maxBytes: 64 * 1024,
  });
  const version = /\d+\.\d+\.\d+[^\s]*/.exec(captured.stdout.toString('utf8'))?.[0];
  if (captured.exitCode !== 0 || version === undefined) {
    const why = captured.timedOut ? 'no answer' : (captured.spawnError?.message ?? captured.stderr.trim());
    return fail({
      code: 'runner-broken',
      message: `Claude Code does not start: ${shorten(plainText(why), 300)}`,
      file: program,
      hint: 'run it once by hand with --version',
    });
  }
  const login = await claudeLogin(dependencies.env);
  return ok({ runner: 'claude', version, program, login, reportsCost: true });
}
