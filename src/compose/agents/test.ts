import { join } from 'node:path';
import type { AgentEvent } from '../../core/agent/event.ts';
import { secretValues } from '../../core/agent/mask.ts';
import { shorten } from '../../core/agent/plain-text.ts';
import { type TestedVersions, versionAge } from '../../core/agent/tested-version.ts';
import { failureRule } from '../../core/decide/attempt-failure.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { systemClock } from '../../edges/clock/system-clock.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import { makeTemporaryDirectory } from '../../edges/files/temporary-directory.ts';
import { killAllSupervised } from '../../edges/process/live-trees.ts';
import { monotonicMs } from '../../edges/process/monotonic.ts';
import type { AgentOutcome, AgentRunner, RunnerInfo } from '../../engine/ports.ts';
import { createRunner, testedVersions } from '../runners.ts';
import type { OnSignal } from '../session.ts';
import { type AgentTest, TEST_FILE, testOrder } from './test-order.ts';

export interface AgentTestResult {
  readonly runner: string;
  /** Absent when it did what it was asked for; otherwise the reason code that a stage would get. */
  readonly code?: string;
  /** Why not, for people. */
  readonly message?: string;
  /** What to do about it, where the runner itself could tell. */
  readonly hint?: string;
  readonly program?: string;
  readonly version?: string;
  readonly tested?: TestedVersions;
  readonly versionAge?: 'ok' | 'older' | 'newer';
  /** As the agent told it. */
  readonly model?: string;
  /** From the start of the agent, in ms; absent when nothing came. */
  readonly firstEventMs?: number;
  /** Of the agent's work, in ms; absent when it was not started. */
  readonly durationMs?: number;
  readonly usage?: AgentOutcome['usage'];
  /** When the service said it would answer again, ISO 8601 UTC. */
  readonly retryAt?: string;
  /** What ended it from outside. */
  readonly signal?: NodeJS.Signals;
}

/** An agent that does not even say who it is in this time will not work. */
const PROBE_MS = 60_000;

/**
 * Has a runner write a word into a file, in a directory of its own that is gone afterwards. A problem means that it was
 * asked for something impossible; what the agent fails at is a result.
 */
export async function testAgent(test: AgentTest, onSignal: OnSignal): Promise<Result<AgentTestResult>> {
  const dependencies = { env: process.env, secrets: secretValues(process.env), cwd: test.cwd };
  const runner = createRunner(test.runner, dependencies);
  if (!runner.ok) return runner;
  const interrupted = new AbortController();
  let signal: NodeJS.Signals | undefined;
  let atWork = false;
  const stopListening = onSignal((_code, name) => {
    // While it is only looked at there is nothing to be ended politely.
    if (signal !== undefined || !atWork) killAllSupervised();
    signal = name;
    interrupted.abort();
  });
  try {
    const info = await runner.value.probe(Math.min(PROBE_MS, test.timeoutMs));
    const known = { runner: test.runner, ...(info.ok ? factsOf(test.runner, info.value) : {}) };
    if (signal !== undefined) return ok(stopped(known, signal));
    if (!info.ok) return ok({ ...known, ...unusable(info.error) });
    if (test.maxCostMicroUsd !== undefined && !info.value.reportsCost) return fail(costUnknown(test.runner));
    if (info.value.login === 'missing')
      return ok({ ...known, code: 'DEP_AUTH', message: 'it has no login and no key' });
    atWork = true;
    const worked = await work(test, runner.value, interrupted.signal);
    if (!worked.ok) return worked;
    const result = { ...known, ...worked.value };
    return ok(signal === undefined ? result : stopped(result, signal));
  } finally {
    stopListening();
  }
}

function factsOf(name: string, { version, program }: RunnerInfo): Partial<AgentTestResult> {
  const tested = testedVersions(name);
  return {
    ...(program === undefined ? {} : { program }),
    ...(version === undefined ? {} : { version }),
    ...(tested === undefined ? {} : { tested }),
    ...(version === undefined || tested === undefined ? {} : { versionAge: versionAge(version, tested) }),
  };
}

function unusable({ message, hint, file }: Problem): Partial<AgentTestResult> {
  return {
    code: failureRule('spawn-error').code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(file === undefined ? {} : { program: file }),
  };
}

function stopped(result: AgentTestResult, signal: NodeJS.Signals): AgentTestResult {
  const { message: _message, hint: _hint, ...rest } = result;
  return { ...rest, code: 'USER_INTERRUPT', signal };
}

async function work(
  test: AgentTest,
  runner: AgentRunner,
  interrupted: AbortSignal,
): Promise<Result<Partial<AgentTestResult>>> {
  const place = makeTemporaryDirectory('murmur8-test-', ['work', 'own', 'home']);
  if (!place.ok) return place;
  try {
    const word = `murmur-${systemClock.id().slice(0, 8)}`;
    const budget = new AbortController();
    const startedAt = monotonicMs();
    let firstEventMs: number | undefined;
    const onEvent = (event: AgentEvent): void => {
      firstEventMs ??= monotonicMs() - startedAt;
      const cost = event.type === 'usage' ? event.usage.costMicroUsd : undefined;
      if (cost !== undefined && cost > (test.maxCostMicroUsd ?? Number.POSITIVE_INFINITY)) budget.abort();
    };
    const order = testOrder(test, place.value.path, word, systemClock.id());
    const outcome = await runner.run(order, onEvent, AbortSignal.any([interrupted, budget.signal]));
    const durationMs = monotonicMs() - startedAt;
    const left = readTextBounded(join(order.cwd, TEST_FILE), 4096);
    return ok({
      ...judged(
        test,
        isOver(budget.signal, outcome) ? { ...outcome, outcome: 'budget' } : outcome,
        left,
        word,
      ),
      durationMs,
      ...(firstEventMs === undefined ? {} : { firstEventMs }),
      ...(outcome.model === undefined ? {} : { model: outcome.model }),
      ...(outcome.usage === undefined ? {} : { usage: outcome.usage }),
      ...(outcome.retryAt === undefined ? {} : { retryAt: outcome.retryAt }),
    });
  } finally {
    place.value.remove();
  }
}

/** What was done before the limit was noticed is done. */
function isOver(budget: AbortSignal, { outcome }: AgentOutcome): boolean {
  return budget.aborted && outcome !== 'ok';
}

/** The file decides, not what the agent says. */
function judged(
  test: AgentTest,
  { outcome, message, text }: AgentOutcome,
  left: Result<string | undefined>,
  word: string,
): Pick<AgentTestResult, 'code' | 'message'> {
  if (outcome === 'cancelled') return { code: 'USER_INTERRUPT' };
  if (outcome !== 'ok')
    return { code: failureRule(outcome).code, message: message ?? `it ended as ${outcome}` };
  const content = left.ok ? left.value : undefined;
  // The runner without a model leaves a placeholder.
  if (content !== undefined && (test.runner === 'offline' || content.includes(word))) return {};
  const said = text === undefined || text.trim() === '' ? '' : `; it said: ${shorten(text.trim(), 300)}`;
  const wrong =
    content === undefined ? `there is no ${TEST_FILE}` : `${TEST_FILE} does not hold the word it was given`;
  return { code: 'OUTPUT_INVALID', message: `it ended as if all were well, but ${wrong}${said}` };
}

function costUnknown(runner: string): Problem {
  return {
    code: 'cost-unknown',
    message: `${runner} does not tell what it costs, so a limit on the cost could not be kept`,
    hint: 'leave --max-cost out, or limit the time with --timeout',
  };
}
