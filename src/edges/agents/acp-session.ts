import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { ASIDE, createAcpAsideReader } from '../../core/agent/acp-aside.ts';
import type { AcpFailure } from '../../core/agent/acp-failure.ts';
import { acpPiece } from '../../core/agent/acp-piece.ts';
import { acpQuestion } from '../../core/agent/acp-question.ts';
import { createAcpReader } from '../../core/agent/acp-update.ts';
import type { AgentEvent } from '../../core/agent/event.ts';
import { mapEventText } from '../../core/agent/event-text.ts';
import { recordOf, textOf } from '../../core/agent/json-field.ts';
import { shorten } from '../../core/agent/plain-text.ts';
import { roleRights } from '../../core/agent/role-rights.ts';
import type { AgentOrder, AgentOutcome } from '../../engine/ports.ts';
import { lastLines } from '../process/last-lines.ts';
import type { OutputLine } from '../process/output.ts';
import { superviseProcess } from '../process/supervise.ts';
import { type AcpConversation, createAcpConversation } from './acp-conversation.ts';
import { type AcpEnding, acpEnding } from './acp-ending.ts';
import { type AcpGate, createAcpGate } from './acp-gate.ts';
import { createAcpMeter } from './acp-meter.ts';
import { readAcpPast } from './acp-past.ts';
import { createAcpEnder } from './acp-stop.ts';
import type { AttemptFiles } from './attempt-files.ts';
import { recordEvents } from './cli-events.ts';
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
  { program, args, agent, commandLine, startLimitMs }: AcpProgram,
  files: AttemptFiles,
  attempt: AcpAttempt,
): Promise<AgentOutcome> {
  const { order, clean } = attempt;
  const printed = lastLines(KEPT_ERRORS);
  const ender = createAcpEnder(attempt.signal);
  const told = recordEvents(order, Date.now);
  let question: string | undefined;
  let stopped: 'question' | 'turn-limit' | AcpFailure | undefined;

  function emit(events: readonly AgentEvent[]): void {
    for (const event of events) {
      const masked = mapEventText(event, clean);
      told.note(masked);
      attempt.onEvent(masked);
    }
  }

  function stopFor(reason: 'question' | 'turn-limit' | AcpFailure): void {
    if (stopped !== undefined) return;
    stopped = reason;
    talk.cancel();
    ender.endWithin(CANCEL_GRACE_MS);
  }

  function ask(text: string | undefined): void {
    question ??= text;
    if (question !== undefined) stopFor('question');
  }

  function hear({ stream, raw, shown }: OutputLine): void {
    if (stream === 'stdout') {
      if (talk.line(raw).kind === 'foreign') printed.add(shown);
      return;
    }
    if (!shown.startsWith(ASIDE)) printed.add(shown);
    emit(aside.line(shown));
    emit(meter.look());
    const hopeless = aside.hopeless() ?? told.shutOut();
    if (hopeless !== undefined) stopFor(hopeless);
  }

  const past = createAcpReader(order.cwd);
  const aside = createAcpAsideReader();
  const gate = createAcpGate(order, attempt.directory, files.temporaryDir, emit, ask);
  const remembered = order.sessionId === undefined ? {} : await readAcpPast(order.homeDir, order.sessionId);
  if (agent.startsWith('gemini')) await nextMinute(remembered.openedAt, attempt.signal);
  const meter = createAcpMeter(order.homeDir, remembered, { now: gate.reader, past, aside });
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
    onSession({ id, isNew, agent: itsName, ...rest }) {
      meter.begin({ id, isNew, agent: itsName });
      emit([{ type: 'started', sessionId: id, ...rest }]);
    },
    onUpdate(update) {
      const kind = textOf(recordOf(update)?.['sessionUpdate']) ?? '';
      if (HEARD.test(kind)) aside.heard(kind.startsWith('tool'));
      emit(gate.reader.update(update));
      emit(meter.look());
      if (order.maxTurns !== undefined && gate.reader.rounds() > order.maxTurns) stopFor('turn-limit');
    },
    onPast: past.update,
    // Nothing is granted to an agent that is being stopped.
    onPermission: (request) =>
      stopped === undefined && !attempt.signal.aborted ? gate.permission(request) : undefined,
    onQuestion: (elicitation) => ask(acpQuestion(elicitation)),
  });
  void talk.ended.then((end) => {
    const isFlood = end.kind === 'foreign';
    ender.endWithin(end.kind === 'answered' ? EXIT_GRACE_MS : isFlood ? 0 : FAILED_GRACE_MS);
  });
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
      maxOutputBytes: talk.mostBytes,
      sparesTheBusy: true,
      silenceLimitMs: () =>
        gate.reader.toolRunning() ? Math.max(order.stallTimeoutMs, LONGEST_TOOL_MS) : order.stallTimeoutMs,
      stopLadder: ender.ladder(talk.cancel),
      mask: attempt.mask,
      onLine: hear,
      pieceIn: acpPiece,
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
    pending: aside.failure(),
    final: aside.final(),
    returns: aside.returns(),
    // Its last words may be what it cost: work that was done meanwhile is done.
    wasCancelled: attempt.signal.aborted && attempt.signal.reason !== 'budget',
    isActive: gate.reader.active(),
    printed: printed.text().trim(),
    commandLine,
  });
  const usage = meter.usage(end.kind === 'answered' ? end.answer : undefined);
  await meter.close();
  if (usage !== undefined) emit([{ type: 'usage', usage }]);
  emit(lastEvents(ending, told.facts().text ?? '', gate));
  const { failure: _failure, ...ended } = ending;
  return {
    ...told.facts(),
    ...(child.exitCode === null ? {} : { exitCode: child.exitCode }),
    ...(usage === undefined ? {} : { usage }),
    ...ended,
    ...(ended.message === undefined ? {} : { message: shorten(clean(ended.message), KEPT_ERRORS) }),
    ...told.retryAt(ended.outcome),
  };
}

/**
 * Gemini CLI (0.61.0) names the record of a session by the minute in which it opens it, and overwrites what is there: a
 * session that is loaded in the minute in which it was opened is lost.
 */
async function nextMinute(openedAt: number | undefined, signal: AbortSignal): Promise<void> {
  const now = Date.now();
  if (openedAt === undefined || Math.floor(openedAt / MINUTE_MS) !== Math.floor(now / MINUTE_MS)) return;
  await setTimeout(MINUTE_MS - (now % MINUTE_MS) + 100, undefined, { signal }).catch(() => {});
}

const MINUTE_MS = 60_000;

/** What shows that the model answers. */
const HEARD = /^(?:agent_message_chunk|agent_thought_chunk|tool_call|tool_call_update|plan)$/;

/** In the form in which an agent without the protocol asks, so that everything after it is the same. */
async function leaveQuestion(answerFile: string, text: string): Promise<void> {
  await writeFile(answerFile, JSON.stringify({ question: { text } }), { mode: 0o600 });
}

function lastEvents({ outcome, failure }: AcpEnding, text: string, gate: AcpGate): readonly AgentEvent[] {
  if (outcome === 'ok')
    return [{ type: 'result', text, turns: gate.reader.rounds() + 1, denials: gate.denials() }];
  return failure === undefined ? [] : [{ type: 'error', ...failure }];
}
