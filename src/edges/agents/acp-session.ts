import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { acpQuestion } from '../../core/agent/acp-question.ts';
import { type AcpReader, createAcpReader } from '../../core/agent/acp-update.ts';
import { acpUsage } from '../../core/agent/acp-usage.ts';
import type { AgentEvent } from '../../core/agent/event.ts';
import { mapEventText } from '../../core/agent/event-text.ts';
import { shorten } from '../../core/agent/plain-text.ts';
import { roleRights } from '../../core/agent/role-rights.ts';
import type { AgentOrder, AgentOutcome } from '../../engine/ports.ts';
import { lastLines } from '../process/last-lines.ts';
import { superviseProcess } from '../process/supervise.ts';
import { type AcpConversation, createAcpConversation } from './acp-conversation.ts';
import type { AcpEnd } from './acp-end.ts';
import { type AcpEnding, acpEnding } from './acp-ending.ts';
import { type AcpGate, createAcpGate } from './acp-gate.ts';
import { createAcpEnder } from './acp-stop.ts';
import type { AttemptFiles } from './attempt-files.ts';
import { withInstructions } from './instructions.ts';

/** What is started. */
export interface AcpProgram {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Name of the agent, in lower case, by which its variables are known. */
  readonly agent: string;
  readonly commandLine: string;
  readonly startLimitMs: number;
}

export interface AcpAttempt {
  readonly order: AgentOrder;
  /** Holds the answer and the outputs; absolute. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mask: (text: string) => string;
  readonly clean: (text: string) => string;
  readonly onEvent: (event: AgentEvent) => void;
  readonly signal: AbortSignal;
}

const KEPT_ERRORS = 2_000;
/** A tool may be silent this long, whatever the order says of silence. */
const LONGEST_TOOL_MS = 11 * 60_000;
/** How long an agent may take to end once it was told that nothing more will come; codex-acp takes 5 s. */
const EXIT_GRACE_MS = 15_000;
/** The same for one that did not do its work. */
const FAILED_GRACE_MS = 3_000;
/** How long it may take to end its turn once that was cancelled. */
const CANCEL_GRACE_MS = 10_000;

/** Starts the agent, lets it do the order in one turn, and ends it. */
export async function runAcpSession(
  { program, args, commandLine, startLimitMs }: AcpProgram,
  files: AttemptFiles,
  attempt: AcpAttempt,
): Promise<AgentOutcome> {
  const { order, clean } = attempt;
  const printed = lastLines(KEPT_ERRORS);
  const ender = createAcpEnder(attempt.signal);
  let facts: Pick<AgentOutcome, 'sessionId' | 'model' | 'agentVersion' | 'text'> = {};
  let question: string | undefined;
  let stopped: 'question' | 'turn-limit' | undefined;

  function emit(events: readonly AgentEvent[]): void {
    for (const event of events) {
      const masked = mapEventText(event, clean);
      if (masked.type === 'message') facts = { ...facts, text: masked.text };
      attempt.onEvent(masked);
    }
  }

  function stopFor(reason: 'question' | 'turn-limit'): void {
    stopped ??= reason;
    talk.cancel();
    ender.endWithin(CANCEL_GRACE_MS);
  }

  const past = createAcpReader(order.cwd);
  const gate = createAcpGate(order, attempt.directory, files.temporaryDir, emit);
  const talk: AcpConversation = createAcpConversation({
    cwd: order.cwd,
    prompt: withInstructions(order),
    sessionId: order.sessionId,
    model: order.model,
    readsOnly: !roleRights(order.tools).writes,
    additionalDirectories: [attempt.directory],
    hasKey: Object.keys(attempt.env).some((name) => /KEY|TOKEN/.test(name)),
    clientVersion: process.env['MURMUR8_VERSION'] ?? 'dev',
    startLimitMs: Math.min(startLimitMs, order.timeoutMs),
    onSession({ id, ...rest }) {
      facts = { ...facts, sessionId: id, ...rest };
      emit([{ type: 'started', sessionId: id, ...rest }]);
    },
    onUpdate(update) {
      emit(gate.reader.update(update));
      if (order.maxTurns !== undefined && gate.reader.toolCalls() > order.maxTurns) stopFor('turn-limit');
    },
    onPast: past.update,
    onPermission: gate.permission,
    onQuestion(elicitation) {
      question ??= acpQuestion(elicitation);
      if (question !== undefined) stopFor('question');
    },
  });
  void talk.ended.then((end) => ender.endWithin(end.kind === 'answered' ? EXIT_GRACE_MS : FAILED_GRACE_MS));
  const child = await superviseProcess(
    {
      program,
      args,
      cwd: order.cwd,
      env: attempt.env,
      marker: `${order.runId}/${order.attempt}-${randomUUID()}`,
      onInput(input) {
        talk.begin(input);
        void talk.ended.then(() => input.end());
      },
      spoolDir: files.spoolDir,
      logFile: order.logFile,
      timeoutMs: order.timeoutMs,
      silenceLimitMs: () =>
        gate.reader.toolRunning() ? Math.max(order.stallTimeoutMs, LONGEST_TOOL_MS) : order.stallTimeoutMs,
      stopLadder: ender.ladder(talk.cancel),
      mask: attempt.mask,
      onLine({ stream, raw, shown }) {
        if (stream === 'stderr' || talk.line(raw).kind === 'foreign') printed.add(shown);
      },
    },
    ender.signal,
  );
  ender.done();
  talk.close();
  const end = await talk.ended;
  emit(gate.reader.flush());
  if (question !== undefined) await leaveQuestion(order.answerFile, clean(question));
  const ending = acpEnding(order, end, child, {
    stopped,
    wasCancelled: attempt.signal.aborted,
    isActive: gate.reader.active(),
    printed: printed.text().trim(),
    commandLine,
  });
  const usage = end.kind === 'answered' ? acpUsage(end.answer, costSince(past, gate.reader)) : undefined;
  if (usage !== undefined) emit([{ type: 'usage', usage }]);
  emit(lastEvents(end, ending, facts.text ?? '', gate));
  return {
    ...facts,
    ...(child.exitCode === null ? {} : { exitCode: child.exitCode }),
    ...(usage === undefined ? {} : { usage }),
    ...ending,
    ...(ending.message === undefined ? {} : { message: shorten(clean(ending.message), KEPT_ERRORS) }),
  };
}

/** In the form in which an agent without the protocol asks, so that everything after it is the same. */
async function leaveQuestion(answerFile: string, text: string): Promise<void> {
  await writeFile(answerFile, JSON.stringify({ question: { text } }), { mode: 0o600 });
}

function lastEvents(end: AcpEnd, ending: AcpEnding, text: string, gate: AcpGate): readonly AgentEvent[] {
  if (ending.outcome === 'ok')
    return [{ type: 'result', text, turns: gate.reader.toolCalls(), denials: gate.denials() }];
  return end.kind === 'failed' ? [{ type: 'error', ...end.failure }] : [];
}

/** The cost that is told is that of the whole session. */
function costSince(past: AcpReader, now: AcpReader): number | undefined {
  const cost = now.costMicroUsd();
  return cost === undefined ? undefined : Math.max(0, cost - (past.costMicroUsd() ?? 0));
}
