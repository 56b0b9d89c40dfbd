import type { Stage } from '../pipeline/definition.ts';
import type { RunEventBody } from '../run/event.ts';
import { hasEnded } from '../run/readiness.ts';
import type { AttemptState, FrameState, RunState, StageState } from '../run/state.ts';
import { failureRule } from './attempt-failure.ts';
import type { Decision, Work } from './decision.ts';
import { effectiveLimits, limitReached } from './limits.ts';
import { nextStrategy } from './strategy.ts';

/** A person asked for a change: that is not a failure to hold the contract. */
const REVISION_ASKED = 'REVISION_ASKED';

/**
 * What shall happen now. Pure: the same state and time give the same decisions, so a decision can be made again by
 * whoever takes the run over. Looks at ready and active stages only, never at all of them.
 *
 * @param now milliseconds since the epoch
 */
export function decide(state: RunState, now: number): Decision[] {
  if (state.phase !== 'running' && state.phase !== 'waiting_approval') return [];
  if (state.workFailed !== undefined) return ending(state, () => workFailed(state));
  if (state.stopRequested !== undefined) return ending(state, () => interrupted(state));
  const decisions: Decision[] = [];
  for (const name of state.active) decisions.push(...forActiveStage(state, name, now));
  if (state.halted) {
    for (const name of state.ready) decisions.push(skip(name, ...haltReason(state, name)));
  } else {
    const pause = pauseDue(state);
    if (pause !== undefined) return state.active.size === 0 ? [pause] : decisions;
    decisions.push(...forReadyStages(state));
  }
  if (state.unfinished === 0) return atTheEnd(state);
  return stopsAlone(state, decisions);
}

/** A stop is the last word: it waits until nothing is at work, and nothing new is begun meanwhile. */
function stopsAlone(state: RunState, decisions: Decision[]): Decision[] {
  const stop = decisions.find(
    (decision) => decision.do === 'record' && decision.event.type === 'run.stopped',
  );
  if (stop === undefined) return decisions;
  return isWorking(state) ? [] : [stop];
}

/** Nothing new is begun; once nothing is at work any more the last word is recorded. */
function ending(state: RunState, last: () => RunEventBody): Decision[] {
  return isWorking(state) ? [] : [{ do: 'record', event: last() }];
}

function isWorking(state: RunState): boolean {
  for (const name of state.active) {
    const stage = stageState(state, name);
    if (stage.frames[stage.cursor]?.attempts.at(-1)?.outcome === 'running') return true;
  }
  return false;
}

function workFailed(state: RunState): RunEventBody {
  const { code = 'SYS_WRITE_ERROR', message = '', stage } = state.workFailed ?? {};
  return {
    type: 'run.finished',
    status: 'failed',
    code,
    message,
    ...(stage === undefined ? {} : { failedStage: stage }),
  };
}

function interrupted(state: RunState): RunEventBody {
  const code = state.stopRequested ?? 'USER_INTERRUPT';
  if (code === 'USER_CANCELLED') return { type: 'run.finished', status: 'cancelled', code };
  return { type: 'run.stopped', code, threshold: 0, actual: 1 };
}

function pauseDue(state: RunState): Decision | undefined {
  const after = state.settings.pauseAfter;
  if (after === undefined) return undefined;
  const stage = state.stages.get(after);
  if (stage === undefined || !hasEnded(stage.status) || stage.status === 'failed' || state.unfinished === 0)
    return undefined;
  return stopRun('PAUSED_AFTER_STAGE', 0, 1);
}

function forReadyStages(state: RunState): Decision[] {
  const decisions: Decision[] = [];
  let room = state.pipeline.maxParallel - state.active.size;
  for (const name of state.ready) {
    const skipped = skipDue(state, name);
    if (skipped !== undefined) {
      decisions.push(skipped);
      continue;
    }
    if (room <= 0) continue;
    room -= 1;
    const before = beforeOpening(state, name);
    if (before !== 'open') decisions.push(...before);
    else decisions.push(perform({ kind: 'open', stage: name }));
  }
  return decisions;
}

/** Ready rule of spec pipelines 2, then the stage's own condition. */
function skipDue(state: RunState, name: string): Decision | undefined {
  const definition = definitionOf(state, name);
  const needs = definition.needs.map((need) => stageState(state, need));
  if (
    needs.some((need) => need.status === 'failed' && definitionOf(state, need.name).onFailure !== 'continue')
  ) {
    return skip(name, 'UPSTREAM_FAILED');
  }
  if (needs.some((need) => need.skip?.reason === 'UPSTREAM_FAILED')) return skip(name, 'UPSTREAM_FAILED');
  const satisfied = needs.some((need) => need.status !== 'skipped' || need.skip?.reason === 'NOT_SELECTED');
  if (needs.length > 0 && !satisfied) return skip(name, 'UPSTREAM_SKIPPED');
  return definition.when === undefined ? undefined : conditionSkip(state, name, definition.when.variable);
}

function conditionSkip(
  state: RunState,
  name: string,
  wanted: Readonly<Record<string, string>>,
): Decision | undefined {
  for (const [variable, value] of Object.entries(wanted)) {
    const actual = variableOf(state, variable);
    if (actual === undefined) return skip(name, 'WHEN_UNKNOWN', `nothing set ${variable}`);
    if (actual.value !== value) {
      return skip(
        name,
        'WHEN_FALSE',
        `${variable} is ${actual.value}${actual.why === undefined ? '' : `: ${actual.why}`}`,
      );
    }
  }
  return undefined;
}

/** A variable of the run first; else the output of that name of a stage that has ended. */
function variableOf(state: RunState, variable: string): { value: string; why?: string } | undefined {
  const own = state.created.variables[variable] ?? state.pipeline.variables[variable];
  if (own !== undefined) return { value: own };
  for (const stage of state.stages.values()) {
    const value = stage.outputs[variable];
    const why = stage.outputs[`${variable}_reason`];
    if (value !== undefined) return why === undefined ? { value } : { value, why };
  }
  return undefined;
}

/** The rating of what the stage received, and the gate that a bad one closes. */
function beforeOpening(state: RunState, name: string): 'open' | Decision[] {
  const definition = definitionOf(state, name);
  if (!state.settings.feedback || definition.reviews === undefined) return 'open';
  const about = definition.reviews.find((entry) => state.stages.get(entry)?.status === 'succeeded');
  if (about === undefined) return 'open';
  const feedback = stageState(state, name).reviews.get(about);
  if (feedback === undefined) {
    return limitStop(state) ?? [perform({ kind: 'review', stage: name, about })];
  }
  if (feedback === null || feedback.verdict !== 'gate' || feedback.answer === 'continue') return 'open';
  if (feedback.answer === undefined) return [perform({ kind: 'ask-gate', stage: name, about })];
  const message = `${name} rated ${about} ${feedback.rating} of 5: ${feedback.issues.join('; ') || 'no issue named'}`;
  return [stopRun('QUALITY_GATE', 0, feedback.rating, message)];
}

function forActiveStage(state: RunState, name: string, now: number): Decision[] {
  const stage = stageState(state, name);
  const frame = stage.frames[stage.cursor];
  if (frame === undefined)
    return [{ do: 'record', event: { type: 'stage.finished', stage: name, status: 'succeeded' } }];
  const last = frame.attempts.at(-1);
  if (last === undefined) return begin(state, stage, frame, {});
  if (frame.phase === 'generating') return [performAttempt(stage, frame, last)];
  if (frame.phase === 'auditing') {
    return [perform({ kind: 'judge', stage: name, frame: frame.index, attempt: last.number })];
  }
  return again(state, stage, frame, last, now);
}

/** An attempt ended without an approved result: the next one, or the end of the stage. */
function again(
  state: RunState,
  stage: StageState,
  frame: FrameState,
  last: AttemptState,
  now: number,
): Decision[] {
  const definition = definitionOf(state, stage.name);
  if (last.question !== undefined && last.outcome === 'ok') return afterQuestion(state, stage, frame, last);
  const since = frame.attempts.slice(frame.attemptsBefore);
  if (since.length === 0) {
    const findings = stage.reopenedFor.length > 0 ? stage.reopenedFor : last.findings;
    return begin(state, stage, frame, { findings, ...sessionOf(last) });
  }
  if (last.verdict === 'rejected') {
    const rejections = since.filter(
      (attempt) => attempt.verdict === 'rejected' && attempt.code !== REVISION_ASKED,
    ).length;
    if (
      last.code !== REVISION_ASKED &&
      rejections > Math.min(definition.repairs, state.created.retry.maxAttempts - 1)
    ) {
      return [failStage(stage, last.code ?? 'OUTPUT_INVALID', last.findings.join('; '))];
    }
    const strategy = nextStrategy(state, stage.name, last.code ?? 'OUTPUT_INVALID', rejections);
    return begin(state, stage, frame, { ...strategy, findings: last.findings, ...sessionOf(last) });
  }
  return afterFailure(state, stage, frame, last, since, now);
}

function afterFailure(
  state: RunState,
  stage: StageState,
  frame: FrameState,
  last: AttemptState,
  since: readonly AttemptState[],
  now: number,
): Decision[] {
  const definition = definitionOf(state, stage.name);
  if (last.outcome === 'cancelled') return begin(state, stage, frame, sessionOf(last));
  const rule = failureRule(last.outcome);
  const failures = since.filter((attempt) => attempt.outcome !== 'ok' && attempt.outcome !== 'cancelled');
  const alike = failures.filter((attempt) => attempt.outcome === last.outcome).length;
  if (
    failures.length > Math.min(definition.retries, state.created.retry.maxAttempts - 1) ||
    alike > rule.retries
  )
    return [giveUp(stage, rule.code, last)];
  const due = Date.parse(last.endedAt ?? state.at) + rule.delayMs * 2 ** (alike - 1);
  if (rule.delayMs > 0 && now < due) return [{ do: 'wait', until: due }];
  const strategy = nextStrategy(state, stage.name, rule.code, failures.length);
  return begin(state, stage, frame, { ...strategy, findings: [], ...(rule.resume ? sessionOf(last) : {}) });
}

function afterQuestion(
  state: RunState,
  stage: StageState,
  frame: FrameState,
  last: AttemptState,
): Decision[] {
  const question = last.question ?? '';
  if (last.answer === undefined) {
    return [
      perform({
        kind: 'ask-question',
        stage: stage.name,
        frame: frame.index,
        attempt: last.number,
        question,
      }),
    ];
  }
  return begin(state, stage, frame, { question, answer: last.answer, ...sessionOf(last) });
}

interface AttemptInput {
  readonly strategy?: string;
  readonly strategyReason?: string;
  readonly findings?: readonly string[];
  readonly sessionId?: string;
  readonly question?: string;
  readonly answer?: string;
}

function begin(state: RunState, stage: StageState, frame: FrameState, input: AttemptInput): Decision[] {
  const attempt = frame.attempts.length + 1;
  return (
    limitStop(state) ?? [
      perform({ kind: 'attempt', stage: stage.name, frame: frame.index, attempt, findings: [], ...input }),
    ]
  );
}

function performAttempt(stage: StageState, frame: FrameState, last: AttemptState): Decision {
  return perform({
    kind: 'attempt',
    stage: stage.name,
    frame: frame.index,
    attempt: last.number,
    findings: [],
  });
}

/** A stop condition counts where more work would begin: what is finished is never undone by it. */
function limitStop(state: RunState): Decision[] | undefined {
  const limit = limitReached(state, effectiveLimits(state));
  return limit === undefined
    ? undefined
    : [stopRun(limit.code, limit.threshold, limit.actual, limit.message)];
}

function giveUp(stage: StageState, code: string, last: AttemptState): Decision {
  if (code === 'STALLED' || code === 'BUDGET_EXCEEDED') return stopRun(code, 0, 1, last.message);
  return failStage(stage, code, last.message ?? '');
}

function atTheEnd(state: RunState): Decision[] {
  const failed = state.failedStage === undefined ? undefined : state.stages.get(state.failedStage);
  if (failed !== undefined) {
    return finishRun('failed', failed.code ?? 'STAGE_FAILED', failed.message, failed.name);
  }
  if (state.closed === undefined && state.pipeline.closing === 'commit') return [perform({ kind: 'close' })];
  if (state.closed?.outcome === 'declined') return [stopRun('COMMIT_DECLINED', 0, 1)];
  const pending = [...state.stages.values()].flatMap((stage) => [...stage.pendingTests]);
  if (pending.length > 0) {
    return finishRun(
      'succeeded',
      'PARTIAL_SUCCESS',
      `${pending.length} tests are still pending: ${pending.join(', ')}`,
    );
  }
  const lenient = [...state.stages.values()].some((stage) => stage.status === 'failed');
  return finishRun('succeeded', lenient ? 'PARTIAL_SUCCESS' : 'ALL_FRAMES_APPROVED');
}

function haltReason(state: RunState, name: string): ['UPSTREAM_FAILED' | 'RUN_HALTED'] {
  const needs = definitionOf(state, name).needs;
  return [
    needs.some((need) => stageState(state, need).status === 'failed') ? 'UPSTREAM_FAILED' : 'RUN_HALTED',
  ];
}

function failStage(stage: StageState, code: string, message: string): Decision {
  return {
    do: 'record',
    event: { type: 'stage.finished', stage: stage.name, status: 'failed', code, message },
  };
}

function finishRun(
  status: 'succeeded' | 'failed',
  code: string,
  message?: string,
  failedStage?: string,
): Decision[] {
  return [
    {
      do: 'record',
      event: {
        type: 'run.finished',
        status,
        code,
        ...(message === undefined || message === '' ? {} : { message }),
        ...(failedStage === undefined ? {} : { failedStage }),
      },
    },
  ];
}

function stopRun(code: string, threshold: number, actual: number, message?: string): Decision {
  return {
    do: 'record',
    event: { type: 'run.stopped', code, threshold, actual, ...(message === undefined ? {} : { message }) },
  };
}

function skip(
  stage: string,
  reason: 'WHEN_FALSE' | 'WHEN_UNKNOWN' | 'UPSTREAM_SKIPPED' | 'UPSTREAM_FAILED' | 'RUN_HALTED',
  detail?: string,
): Decision {
  return {
    do: 'record',
    event: { type: 'stage.skipped', stage, reason, ...(detail === undefined ? {} : { detail }) },
  };
}

function perform(work: Work): Decision {
  return { do: 'perform', key: keyOf(work), work };
}

function keyOf(work: Work): string {
  switch (work.kind) {
    case 'attempt':
    case 'judge':
    case 'ask-question':
      return `${work.kind}:${work.stage}:${work.frame}:${work.attempt}`;
    case 'open':
      return `open:${work.stage}`;
    case 'review':
    case 'ask-gate':
      return `${work.kind}:${work.stage}:${work.about}`;
    case 'close':
      return 'close';
  }
}

function sessionOf(attempt: AttemptState): { sessionId?: string } {
  return attempt.sessionId === undefined ? {} : { sessionId: attempt.sessionId };
}

function stageState(state: RunState, name: string): StageState {
  const stage = state.stages.get(name);
  if (stage === undefined) throw new Error(`no stage named ${name}`);
  return stage;
}

function definitionOf(state: RunState, name: string): Stage {
  const stage = state.definitions.get(name);
  if (stage === undefined) throw new Error(`no definition of stage ${name}`);
  return stage;
}
