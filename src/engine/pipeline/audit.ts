import { reviewIn } from '../../core/agent/answer.ts';
import { boundedFindings } from '../../core/agent/findings.ts';
import type { Audit, Stage } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import { attemptOf } from '../../core/run/lookup.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { optional, roleOf, runnersOf } from '../agent-choice.ts';
import { type AttemptKey, itemOf, nameOf } from './attempt-key.ts';
import { doJob } from './job.ts';
import type { JobEnd } from './job-order.ts';
import { promptForAudit } from './prompting.ts';
import type { PipelineWorld } from './world.ts';

export interface AuditInput {
  readonly stage: Stage;
  readonly audit: Audit;
  readonly key: AttemptKey;
  /** What the attempt gave out, and the file in which it did. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly outputFile: string;
  /** Who of the agent's runners makes it; absent: the first. */
  readonly runner?: string;
}

/**
 * Has a command or a reviewing agent check what an attempt left (spec: run-status, frames). A check that says nothing
 * that can be understood has failed itself: nobody passes by silence. Nothing when it is stopped meanwhile.
 */
export async function auditAttempt(
  world: PipelineWorld,
  state: RunState,
  input: AuditInput,
  signal: AbortSignal,
): Promise<Result<readonly RunEventBody[]>> {
  const { stage, audit, key, outputs, outputFile } = input;
  const made = attemptOf(state, key);
  const before = made.auditFailures?.length ?? 0;
  const name = `${nameOf(key)}-audit${before === 0 ? '' : `-${before + 1}`}`;
  // Whoever checks finds the attempt's own outputs at MURMUR8_OUTPUT.
  const places = { ...world.places(state, name, audit.work.kind), outputFile };
  const item = itemOf(state, stage, key.frame);
  const end = await doJob(
    world,
    {
      state,
      stage,
      job: audit.work,
      kind: 'audit',
      frame: key.frame,
      attempt: key.attempt,
      timeoutMs: audit.timeoutMs,
      places,
      lookup: lookupIn(state, stage.name, item),
      findings: [],
      prompt: (filled) => promptForAudit(world, state, { stage, filled, places, outputs, frame: key.frame }),
      ...optional('runner', input.runner),
      ...optional('item', item),
      ...optional('strategy', made.strategy === undefined ? undefined : { name: made.strategy }),
    },
    signal,
  );
  if (!end.ok) return end;
  if (end.value.outcome === 'cancelled') return ok([]);
  const { usage } = end.value;
  const about = {
    ...key,
    logFile: places.logFile,
    ...optional('usage', usage === undefined ? undefined : { ...usage }),
  };
  const event = eventFor(about, verdictOf(end.value, audit.work.kind), world.mask);
  return ok([event.type === 'audit.failed' ? { ...event, ...auditorOf(world, state, input) } : event]);
}

/** Who made the check, where an agent did. */
function auditorOf(
  world: PipelineWorld,
  state: RunState,
  { audit, runner }: AuditInput,
): { readonly runner?: string; readonly runners?: string[] } {
  if (audit.work.kind === 'command') return {};
  const runners = runnersOf(world, state, roleOf(world, audit.work));
  return {
    runner: runner ?? runners[0],
    ...optional('runners', runners.length > 1 ? [...runners] : undefined),
  };
}

type Verdict =
  | { readonly verdict: 'approved' | 'rejected'; readonly findings: readonly string[] }
  | {
      readonly outcome: string;
      readonly code?: string;
      readonly message?: string;
      readonly silentMs?: number;
      readonly retryAt?: string;
    };

function eventFor(
  about: AttemptKey & { logFile: string; usage?: NonNullable<JobEnd['usage']> },
  verdict: Verdict,
  mask: (text: string) => string,
): RunEventBody {
  if ('outcome' in verdict) return { type: 'audit.failed', ...about, ...verdict };
  const findings = boundedFindings(verdict.findings, mask);
  if (verdict.verdict === 'approved')
    return { type: 'attempt.judged', ...about, verdict: 'approved', findings };
  const said = findings.length > 0 ? findings : ['the check rejected it without saying why'];
  return { type: 'attempt.judged', ...about, verdict: 'rejected', code: 'OUTPUT_INVALID', findings: said };
}

function verdictOf(end: JobEnd, kind: 'agent' | 'command'): Verdict {
  if (end.told !== undefined) return failed(end);
  return kind === 'command' ? verdictOfCommand(end) : verdictOfAgent(end);
}

/** Shells and wrappers use the codes above for what could not be run, or was ended by a signal. */
const HIGHEST_REJECTION = 125;

/** The exit code decides; a typed answer says what is wrong, and may reject in spite of it. */
function verdictOfCommand(end: JobEnd): Verdict {
  const review = end.answer?.ok === true ? reviewIn(end.answer.value) : undefined;
  if (end.outcome === 'ok') {
    if (end.answer === undefined) return { verdict: 'approved', findings: [] };
    if (review === undefined) return { outcome: 'failed', message: notUnderstood(end) };
    return { verdict: review.verdict ?? 'approved', findings: review.findings };
  }
  const { exitCode, printed = [] } = end;
  if (end.outcome !== 'failed' || exitCode === undefined || exitCode < 1 || exitCode > HIGHEST_REJECTION)
    return failed(end);
  const said = review?.findings ?? [];
  if (said.length > 0) return { verdict: 'rejected', findings: said };
  const findings = printed.length > 0 ? printed : [`the check ended with exit code ${exitCode}`];
  return { verdict: 'rejected', findings };
}

/** An agent has to say its verdict in so many words. */
function verdictOfAgent(end: JobEnd): Verdict {
  if (end.outcome !== 'ok') return failed(end);
  if (end.question !== undefined)
    return { outcome: 'no-result', message: `it asked instead of judging: ${end.question}` };
  if (end.answer === undefined) return { outcome: 'no-result', message: 'the reviewer left no verdict' };
  const review = end.answer.ok ? reviewIn(end.answer.value) : undefined;
  if (review?.verdict === undefined) return { outcome: 'no-result', message: notUnderstood(end) };
  return { verdict: review.verdict, findings: review.findings };
}

function notUnderstood({ answer }: JobEnd): string {
  if (answer?.ok === false) return `its typed answer cannot be read: ${answer.error.message}`;
  return 'its typed answer is no verdict: {"verdict": "approved" or "rejected", "findings": ["…"]} is expected';
}

function failed({ outcome, message, told, silentMs, retryAt }: JobEnd): Verdict {
  return {
    outcome,
    ...optional('code', told?.code),
    ...optional('message', message),
    ...optional('silentMs', silentMs),
    ...optional('retryAt', retryAt),
  };
}
