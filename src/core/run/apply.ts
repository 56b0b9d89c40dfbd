import type { Usage } from '../agent/event.ts';
import { unreachable } from '../never.ts';
import type { RunEvent } from './event.ts';
import { rebuildReadiness, stageEnded, stageReopened } from './readiness.ts';
import type { AttemptState, FrameState, RunState, StageState } from './state.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/**
 * Folds one event into the state, in place, in time that does not grow with the run. The first event must be
 * `run.created`. Events of an older epoch than one already seen are ignored: their writer had lost the run.
 */
export function apply(state: RunState | undefined, event: RunEvent): RunState {
  if (state === undefined) {
    if (event.type !== 'run.created') throw new Error(`a journal starts with run.created, not ${event.type}`);
    return created(event);
  }
  if (event.epoch < state.epoch) return state;
  state.epoch = event.epoch;
  state.seq = event.seq;
  state.at = event.at;
  change(state, event);
  return state;
}

/** The state after all events, in order. */
export function replay(events: Iterable<RunEvent>): RunState | undefined {
  let state: RunState | undefined;
  for (const event of events) state = apply(state, event);
  return state;
}

function created(event: EventOf<'run.created'>): RunState {
  const stages = new Map<string, StageState>();
  for (const stage of event.pipeline.stages) stages.set(stage.name, pendingStage(stage.name));
  const state: RunState = {
    executionId: event.runId,
    runId: event.runId,
    previousRunId: null,
    runIds: [event.runId],
    created: event,
    pipeline: event.pipeline,
    settings: event.settings,
    phase: 'pending',
    code: 'QUEUED',
    startedAt: event.at,
    segmentStartedAt: event.at,
    at: event.at,
    seq: event.seq,
    epoch: event.epoch,
    stages,
    definitions: new Map(event.pipeline.stages.map((stage) => [stage.name, stage])),
    unmet: new Map(),
    dependents: dependentsOf(event),
    ready: new Set(),
    active: new Set(),
    unfinished: 0,
    halted: false,
    historyRecorded: false,
    metrics: {
      totalFrames: stages.size,
      approved: 0,
      rejected: 0,
      failed: 0,
      attempts: 0,
      retriedFrames: 0,
      consecutiveFails: 0,
      tokens: 0,
      costMicroUsd: 0,
      unknownCost: 0,
      finishedFrameMs: 0,
      finishedFrames: 0,
    },
  };
  rebuildReadiness(state);
  return state;
}

function change(state: RunState, event: RunEvent): void {
  switch (event.type) {
    case 'run.created':
      return;
    case 'segment.started':
      return segmentStarted(state, event);
    case 'stage.started':
      return stageStarted(state, event);
    case 'stage.skipped':
      return stageSkipped(state, event);
    case 'attempt.started':
      return attemptStarted(state, event);
    case 'attempt.generated':
      return attemptGenerated(state, event);
    case 'attempt.judged':
      return attemptJudged(state, event);
    case 'attempt.abandoned':
      return attemptAbandoned(state, event);
    case 'checkpoint.made':
      attemptOf(state, event).checkpoint = event.checkpoint;
      return;
    case 'feedback.given':
      return feedbackGiven(state, event);
    case 'feedback.missing':
      stageOf(state, event.stage).reviews.set(event.about, null);
      return;
    case 'gate.answered':
      return gateAnswered(state, event);
    case 'question.answered':
      attemptOf(state, event).answer = event.answer;
      state.phase = 'running';
      state.code = 'RESUMING';
      return;
    case 'stage.finished':
      return stageFinished(state, event);
    case 'work.failed':
      state.workFailed = {
        code: event.code,
        message: event.message,
        ...(event.stage === undefined ? {} : { stage: event.stage }),
      };
      return;
    case 'notice':
      return;
    case 'stop.requested':
      state.stopRequested = event.code;
      return;
    case 'run.closed':
      state.closed = {
        outcome: event.outcome,
        files: event.files,
        validationPassed: event.validationPassed,
        ...(event.commit === undefined ? {} : { commit: event.commit }),
      };
      return;
    case 'run.stopped':
      state.phase = 'paused';
      state.code = event.code;
      setMessage(state, event.message);
      state.stop = { code: event.code, threshold: event.threshold, actual: event.actual };
      state.endedAt = event.at;
      return;
    case 'run.finished':
      state.phase = event.status;
      state.code = event.code;
      setMessage(state, event.message);
      state.endedAt = event.at;
      if (event.failedStage !== undefined) state.failedStage = event.failedStage;
      return;
    case 'history.recorded':
      state.historyRecorded = true;
      return;
    default:
      return unreachable(event);
  }
}

function segmentStarted(state: RunState, event: EventOf<'segment.started'>): void {
  if (event.settings !== undefined) state.settings = event.settings;
  const first = state.phase === 'pending' && event.previousRunId === null;
  state.runId = event.runId;
  if (!first) state.runIds.push(event.runId);
  state.previousRunId = event.previousRunId;
  state.segmentStartedAt = event.at;
  state.phase = 'running';
  state.code = first ? 'STAGE_RUNNING' : 'RESUMING';
  state.historyRecorded = false;
  state.halted = false;
  for (const key of [
    'message',
    'endedAt',
    'failedStage',
    'stopRequested',
    'workFailed',
    'stop',
    'closed',
  ] as const) {
    delete state[key];
  }
  state.metrics.consecutiveFails = 0;
  for (const stage of state.stages.values()) reviveStage(state, stage);
  rebuildReadiness(state);
}

/** What a continued run does again: failed work and what was skipped because of it. Finished work is kept. */
function reviveStage(state: RunState, stage: StageState): void {
  for (const feedback of stage.reviews.values()) {
    // Continuing a run that a gate had paused is the answer to the gate.
    if (feedback !== null && feedback.verdict === 'gate') feedback.answer ??= 'continue';
    if (feedback !== null && (feedback.answer === 'pause' || feedback.answer === 'abort'))
      feedback.answer = 'continue';
  }
  for (const frame of stage.frames) {
    frame.attemptsBefore = frame.attempts.length;
    if (frame.phase === 'rejected') state.metrics.rejected -= 1;
    if (frame.phase === 'failed') state.metrics.failed -= 1;
    if (frame.phase === 'rejected' || frame.phase === 'failed') frame.phase = 'retrying';
    if (frame.phase === 'skipped') frame.phase = 'pending';
  }
  stage.cursor = lowestOpenFrame(stage);
  const skippedByFailure = stage.skip?.reason === 'RUN_HALTED' || stage.skip?.reason === 'UPSTREAM_FAILED';
  if (stage.status === 'failed') {
    stage.status = stage.frames.length > 0 ? 'running' : 'pending';
    delete stage.endedAt;
    delete stage.code;
    delete stage.message;
  } else if (stage.status === 'skipped' && skippedByFailure) {
    stage.status = 'pending';
    delete stage.skip;
    state.metrics.totalFrames += 1;
  }
}

function stageStarted(state: RunState, event: EventOf<'stage.started'>): void {
  const stage = stageOf(state, event.stage);
  stage.status = 'running';
  stage.startedAt ??= event.at;
  stage.frames = event.frames.map((frame, index) => ({
    index,
    title: frame.title,
    tests: frame.tests ?? [],
    phase: 'pending',
    attempts: [],
    attemptsBefore: 0,
  }));
  stage.cursor = 0;
  state.metrics.totalFrames += event.frames.length - 1;
  state.ready.delete(event.stage);
  state.active.add(event.stage);
  state.phase = 'running';
  state.code = 'STAGE_RUNNING';
}

function stageSkipped(state: RunState, event: EventOf<'stage.skipped'>): void {
  const stage = stageOf(state, event.stage);
  stage.status = 'skipped';
  stage.skip = { reason: event.reason, ...(event.detail === undefined ? {} : { detail: event.detail }) };
  state.metrics.totalFrames -= 1;
  stageEnded(state, event.stage);
}

function attemptStarted(state: RunState, event: EventOf<'attempt.started'>): void {
  const frame = frameOf(state, event);
  if (frame.attempts.length === 1) state.metrics.retriedFrames += 1;
  frame.attempts.push({
    number: event.attempt,
    startedAt: event.at,
    agent: event.agent,
    runner: event.runner,
    outcome: 'running',
    findings: [],
    ...(event.model === undefined ? {} : { model: event.model }),
    ...(event.strategy === undefined ? {} : { strategy: event.strategy }),
    ...(event.sessionId === undefined ? {} : { sessionId: event.sessionId }),
  });
  frame.phase = 'generating';
  state.metrics.attempts += 1;
  state.phase = 'running';
  state.code = 'GENERATING';
}

function attemptGenerated(state: RunState, event: EventOf<'attempt.generated'>): void {
  const frame = frameOf(state, event);
  const attempt = attemptOf(state, event);
  attempt.outcome = event.outcome;
  if (event.message !== undefined) attempt.message = event.message;
  if (event.sessionId !== undefined) attempt.sessionId = event.sessionId;
  if (event.model !== undefined) attempt.model = event.model;
  if (event.logFile !== undefined) attempt.logFile = event.logFile;
  if (event.usage !== undefined) attempt.usage = event.usage;
  countUsage(state, attempt);
  if (event.question !== undefined) {
    attempt.question = event.question;
    attempt.endedAt = event.at;
    frame.phase = 'retrying';
    state.phase = 'waiting_approval';
    state.code = 'QUESTION_PENDING';
  } else if (event.outcome === 'ok') {
    frame.phase = 'auditing';
    state.code = 'AUDITING';
  } else {
    attempt.endedAt = event.at;
    frame.phase = 'retrying';
    if (event.outcome !== 'cancelled') state.metrics.consecutiveFails += 1;
    state.code = 'RETRYING';
  }
}

function attemptJudged(state: RunState, event: EventOf<'attempt.judged'>): void {
  const stage = stageOf(state, event.stage);
  const frame = frameOf(state, event);
  const attempt = attemptOf(state, event);
  attempt.endedAt = event.at;
  attempt.verdict = event.verdict;
  attempt.findings = event.findings;
  if (event.code !== undefined) attempt.code = event.code;
  if (event.outputs !== undefined) Object.assign(stage.outputs, event.outputs);
  if (event.pendingTests !== undefined) stage.pendingTests = event.pendingTests;
  if (event.verdict === 'rejected') {
    frame.phase = 'retrying';
    state.metrics.consecutiveFails += 1;
    state.code = 'RETRYING';
    return;
  }
  frame.phase = 'approved';
  state.metrics.approved += 1;
  state.metrics.consecutiveFails = 0;
  state.metrics.finishedFrames += 1;
  state.metrics.finishedFrameMs +=
    Date.parse(event.at) - Date.parse(frame.attempts[0]?.startedAt ?? event.at);
  stage.cursor = lowestOpenFrame(stage);
  state.code = 'STAGE_RUNNING';
}

function attemptAbandoned(state: RunState, event: EventOf<'attempt.abandoned'>): void {
  const attempt = attemptOf(state, event);
  attempt.outcome = 'abandoned';
  attempt.message = event.reason;
  attempt.endedAt = event.at;
  frameOf(state, event).phase = 'retrying';
}

function feedbackGiven(state: RunState, event: EventOf<'feedback.given'>): void {
  const about = stageOf(state, event.about);
  const verdict = event.verdict === 'revise' && about.revised ? 'gate' : event.verdict;
  const feedback = {
    by: event.stage,
    about: event.about,
    rating: event.rating,
    issues: event.issues,
    recommendation: event.recommendation,
    verdict,
  } as const;
  stageOf(state, event.stage).reviews.set(event.about, { ...feedback });
  about.received = { ...feedback };
  if (event.usage !== undefined) addUsage(state, event.usage);
  if (verdict === 'revise') reopen(state, about, event.stage, event.issues);
}

function gateAnswered(state: RunState, event: EventOf<'gate.answered'>): void {
  const rater = stageOf(state, event.stage);
  for (const [name, feedback] of rater.reviews) {
    if (feedback === null || feedback.verdict !== 'gate' || feedback.answer !== undefined) continue;
    feedback.answer = event.answer;
    if (event.answer === 'revise') {
      const issues = event.comment === undefined ? feedback.issues : [...feedback.issues, event.comment];
      reopen(state, stageOf(state, name), event.stage, issues);
    }
  }
}

/** Sends a finished stage back to work with what its reader found missing. */
function reopen(state: RunState, about: StageState, rater: string, issues: readonly string[]): void {
  about.revised = true;
  about.reopenedFor = issues;
  about.status = 'running';
  delete about.endedAt;
  const frame = about.frames.at(-1);
  if (frame !== undefined) {
    if (frame.phase === 'approved') state.metrics.approved -= 1;
    frame.phase = 'retrying';
    frame.attemptsBefore = frame.attempts.length;
    about.cursor = frame.index;
  }
  stageOf(state, rater).reviews.delete(about.name);
  stageReopened(state, about.name);
}

function stageFinished(state: RunState, event: EventOf<'stage.finished'>): void {
  const stage = stageOf(state, event.stage);
  stage.status = event.status;
  stage.endedAt = event.at;
  stage.startedAt ??= event.at;
  stage.reopenedFor = [];
  if (event.code !== undefined) stage.code = event.code;
  if (event.message !== undefined) stage.message = event.message;
  if (event.status === 'failed') {
    failFrames(state, stage);
    if (state.definitions.get(event.stage)?.onFailure !== 'continue') {
      state.halted = true;
      state.failedStage ??= event.stage;
    }
  }
  stageEnded(state, event.stage);
}

function failFrames(state: RunState, stage: StageState): void {
  if (stage.frames.length === 0) state.metrics.failed += 1;
  for (const frame of stage.frames.slice(stage.cursor)) {
    const last = frame.attempts.at(-1);
    if (last === undefined) {
      frame.phase = 'skipped';
    } else if (last.verdict === 'rejected') {
      frame.phase = 'rejected';
      state.metrics.rejected += 1;
    } else if (frame.phase !== 'approved') {
      frame.phase = 'failed';
      state.metrics.failed += 1;
    }
  }
}

function countUsage(state: RunState, attempt: AttemptState): void {
  if (attempt.usage === undefined) {
    state.metrics.unknownCost += 1;
    return;
  }
  addUsage(state, attempt.usage);
}

function addUsage(state: RunState, usage: Usage): void {
  state.metrics.tokens += usage.input + usage.output + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  if (usage.costMicroUsd === undefined) state.metrics.unknownCost += 1;
  else state.metrics.costMicroUsd += usage.costMicroUsd;
}

function setMessage(state: RunState, message: string | undefined): void {
  if (message === undefined) delete state.message;
  else state.message = message;
}

function lowestOpenFrame(stage: StageState): number {
  let index = 0;
  while (index < stage.frames.length && stage.frames[index]?.phase === 'approved') index += 1;
  return index;
}

function pendingStage(name: string): StageState {
  return {
    name,
    status: 'pending',
    frames: [],
    cursor: 0,
    outputs: {},
    pendingTests: [],
    reviews: new Map(),
    revised: false,
    reopenedFor: [],
  };
}

function dependentsOf(event: EventOf<'run.created'>): Map<string, readonly string[]> {
  const dependents = new Map<string, string[]>();
  for (const stage of event.pipeline.stages) dependents.set(stage.name, []);
  for (const stage of event.pipeline.stages) {
    for (const need of stage.needs) dependents.get(need)?.push(stage.name);
  }
  return dependents;
}

function stageOf(state: RunState, name: string): StageState {
  const stage = state.stages.get(name);
  if (stage === undefined)
    throw new Error(`the journal names a stage that the pipeline does not have: ${name}`);
  return stage;
}

function frameOf(state: RunState, key: { stage: string; frame: number }): FrameState {
  const frame = stageOf(state, key.stage).frames[key.frame];
  if (frame === undefined)
    throw new Error(`the journal names frame ${key.frame} of ${key.stage}, which it never started`);
  return frame;
}

function attemptOf(state: RunState, key: { stage: string; frame: number; attempt: number }): AttemptState {
  const attempt = frameOf(state, key).attempts.find((entry) => entry.number === key.attempt);
  if (attempt === undefined)
    throw new Error(`the journal names attempt ${key.attempt} of ${key.stage}, which it never started`);
  return attempt;
}
