import { createHash } from 'node:crypto';
import type { Work } from '../../src/core/decide/decision.ts';
import { eventsForRequest } from '../../src/core/decide/requests.ts';
import { ok } from '../../src/core/result.ts';
import { apply, replay } from '../../src/core/run/apply.ts';
import type { RunCreated, RunEvent, RunEventBody } from '../../src/core/run/event.ts';
import type { RunRequest } from '../../src/core/run/request.ts';
import type { RunState } from '../../src/core/run/state.ts';
import { hasCome, settle } from '../../src/engine/settle.ts';
import { takeOverEvents } from '../../src/engine/take-over.ts';
import { BEGINNING, EXECUTION } from './run-builder.ts';

/** How one delivered attempt goes: an outcome of a runner, or a verdict on an outcome that was `ok`. */
export type Turn = 'ok' | 'rejected' | 'question' | (string & {});

export interface World {
  /** Frames of a stage. */
  readonly frames: (stage: string) => number;
  /** The n-th attempt of a frame that comes to a result, from zero. */
  readonly turn: (stage: string, frame: number, nth: number) => Turn;
  /** All that an agent has, the first of them being `scripted`. */
  readonly runners?: readonly string[];
  readonly rating?: (stage: string, about: string) => 'proceed' | 'gate' | 'revise' | 'none';
  readonly gate?: (stage: string) => 'continue' | 'pause' | 'abort' | 'revise';
  /** Seats of a stage's gate and the votes it needs; those of its definition without it. */
  readonly asked?: (stage: string) => { readonly approvers: readonly string[]; readonly quorum: number };
  /** True if what was approved is no longer what would begin. */
  readonly changed?: (stage: string, nth: number) => boolean;
  /** How undoing a stage goes, the nth time it is tried. */
  readonly undo?: (stage: string, nth: number) => 'succeeded' | 'failed';
}

export interface Simulation {
  readonly state: RunState;
  readonly journal: RunEvent[];
  readonly end: 'ended' | 'waiting';
  readonly steps: number;
}

export interface Course {
  readonly world: World;
  /** Which of the pieces of work at hand ends next: any number. */
  readonly choose: () => number;
  /** After each message; an answer stops the run from outside or ends the simulation as a crash would. */
  readonly interfere?: (state: RunState, step: number) => 'stop' | 'crash' | undefined;
  /** What somebody outside asks for, after each message and while the run waits. */
  readonly request?: (state: RunState, step: number) => RunRequest | undefined;
  /** True if a run that only waits for people shall see its next deadline pass. */
  readonly expire?: (state: RunState, step: number) => boolean;
  readonly onStep?: (state: RunState, journal: readonly RunEvent[], atWork: readonly Work[]) => void;
}

const MOST_STEPS = 40_000;

/** A run from its creation to its end, its wait or a crash: the engine's own settling over a scripted world. */
export function simulate(created: RunCreated, course: Course): Simulation {
  const journal: RunEvent[] = [];
  const state = record(journal, undefined, 1, EXECUTION, [
    created,
    { type: 'segment.started', previousRunId: null },
  ]);
  return proceed(journal, state, 1, course);
}

/** What the next process does with a journal whose owner died. */
export function takeOver(events: readonly RunEvent[], course: Course): Simulation {
  const journal = structuredClone([...events]);
  const state = replay(journal);
  if (state === undefined) throw new Error('nothing to take over');
  const epoch = state.epoch + 1;
  if (hasCome(state)) return { state, journal, end: 'ended', steps: 0 };
  record(journal, state, epoch, state.runId, takeOverEvents(state));
  return proceed(journal, state, epoch, course);
}

/** A stopped run goes on in a new segment. */
export function continueRun(
  events: readonly RunEvent[],
  course: Course,
  settings?: RunCreated['settings'],
): Simulation {
  const journal = structuredClone([...events]);
  const before = replay(journal);
  if (before === undefined) throw new Error('nothing to continue');
  const epoch = before.epoch + 1;
  const state = record(journal, before, epoch, `segment-${epoch}`, [
    {
      type: 'segment.started',
      previousRunId: before.runId,
      ...(settings === undefined ? {} : { settings }),
    },
  ]);
  return proceed(journal, state, epoch, course);
}

function proceed(journal: RunEvent[], state: RunState, epoch: number, course: Course): Simulation {
  const atWork = new Map<string, Work>();
  const declined = new Set<string>();
  let now = Date.parse(state.at);
  let incoming: readonly RunEventBody[] = [];
  const ledger = {
    run: {
      epoch,
      advance(runId: string, at: string, bodies: readonly RunEventBody[]) {
        const events = envelope(journal, epoch, runId, at, bodies);
        journal.push(...structuredClone(events));
        return ok(events);
      },
    },
    state,
    clock: { now: () => now },
    started: (work: Extract<Work, { kind: 'attempt' | 'undo' }>): RunEventBody => {
      const { stage } = work;
      if (work.kind === 'undo') {
        const { rollbackId } = work;
        return { type: 'rollback.step.started', rollbackId, stage, agent: stage, runner: 'scripted' };
      }
      const { frame, attempt, runner = 'scripted', runnerReason } = work;
      const runners = course.world.runners === undefined ? {} : { runners: [...course.world.runners] };
      const reason = runnerReason === undefined ? {} : { runnerReason };
      return { type: 'attempt.started', stage, frame, attempt, agent: stage, runner, ...runners, ...reason };
    },
    digest: sha256,
    onEvents: () => {},
  };
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    now += 1000;
    const step = settle(ledger, incoming, {
      isTaken: (key) => atWork.has(key) || declined.has(key),
      any: atWork.size > 0,
    });
    if (!step.ok) throw new Error(step.error.message);
    incoming = [];
    if (hasCome(state)) {
      course.onStep?.(state, journal, []);
      return { state, journal, end: 'ended', steps };
    }
    if (step.value.interrupt) {
      incoming = [...atWork.values()].flatMap(interrupted);
      atWork.clear();
      continue;
    }
    for (const { key, work } of step.value.launch) atWork.set(key, work);
    course.onStep?.(state, journal, [...atWork.values()]);
    const interference = course.interfere?.(state, steps);
    if (interference === 'crash') return { state, journal, end: 'waiting', steps };
    if (interference === 'stop' && state.stopRequested === undefined) {
      incoming = [
        { type: 'stop.requested', code: 'USER_INTERRUPT' },
        ...[...atWork.values()].flatMap(interrupted),
      ];
      atWork.clear();
      continue;
    }
    const request = course.request?.(state, steps);
    if (request !== undefined) {
      incoming = eventsForRequest(state, request, now);
      continue;
    }
    const keys = [...atWork.keys()];
    const key = keys[course.choose() % Math.max(1, keys.length)];
    if (key === undefined) {
      const { wakeAt, idleUntil } = step.value;
      const next = wakeAt ?? (course.expire?.(state, steps) === true ? idleUntil : undefined);
      if (next === undefined) return { state, journal, end: 'waiting', steps };
      now = Math.max(now, next);
      continue;
    }
    const work = atWork.get(key);
    atWork.delete(key);
    incoming = work === undefined ? [] : perform(course.world, work, state);
    if (incoming.length === 0) declined.add(key);
  }
  throw new Error(`no end after ${MOST_STEPS} steps`);
}

function perform(world: World, work: Work, state: RunState): RunEventBody[] {
  switch (work.kind) {
    case 'open': {
      const stage = state.stages.get(work.stage);
      const approvalId = stage?.approvals.at(-1);
      if (approvalId !== undefined && world.changed?.(work.stage, stage?.approvals.length ?? 0) === true)
        return [
          { type: 'approval.closed', approvalId, stage: work.stage, status: 'void', reason: 'changed' },
        ];
      const frames = Array.from({ length: world.frames(work.stage) }, (_, index) => ({
        title: `${work.stage} ${index}`,
      }));
      return [{ type: 'stage.started', stage: work.stage, frames }];
    }
    case 'attempt': {
      const { stage, frame, attempt } = work;
      const turn = turnOf(world, state, work);
      if (turn === 'question')
        return [{ type: 'attempt.generated', stage, frame, attempt, outcome: 'ok', question: 'which?' }];
      const outcome = turn === 'rejected' || turn === UNCHECKED ? 'ok' : turn;
      return [{ type: 'attempt.generated', stage, frame, attempt, outcome }];
    }
    case 'judge': {
      const { stage, frame, attempt } = work;
      const turn = turnOf(world, state, work);
      if (turn === UNCHECKED && auditsOf(state, work) === 0)
        return [{ type: 'audit.failed', stage, frame, attempt, outcome: 'timeout' }];
      return turn === 'rejected'
        ? [
            {
              type: 'attempt.judged',
              stage,
              frame,
              attempt,
              verdict: 'rejected',
              code: 'OUTPUT_INVALID',
              findings: ['no'],
            },
          ]
        : [{ type: 'attempt.judged', stage, frame, attempt, verdict: 'approved', findings: [] }];
    }
    case 'review': {
      const verdict = world.rating?.(work.stage, work.about) ?? 'proceed';
      const { stage, about } = work;
      if (verdict === 'none') return [{ type: 'feedback.missing', stage, about, reason: 'none given' }];
      const recommendation = verdict === 'gate' ? 'pause' : verdict;
      return [{ type: 'feedback.given', stage, about, rating: 3, issues: ['x'], recommendation, verdict }];
    }
    case 'ask-gate':
      return [{ type: 'gate.answered', stage: work.stage, answer: world.gate?.(work.stage) ?? 'continue' }];
    case 'ask-question': {
      const { stage, frame, attempt } = work;
      return [{ type: 'question.answered', stage, frame, attempt, answer: 'this one' }];
    }
    case 'ask-approval':
      return [approvalRequested(world, work, state)];
    case 'notify': {
      const { approvalId, stage } = work;
      return [{ type: 'approval.notified', approvalId, stage, channel: 'test', status: 'queued' }];
    }
    case 'undo': {
      const { stage, rollbackId } = work;
      const nth = state.rollbacks.filter((rollback) => rollback.steps.some((step) => step.stage === stage));
      const status = world.undo?.(stage, nth.length - 1) ?? 'succeeded';
      return [{ type: 'rollback.step.finished', rollbackId, stage, status }];
    }
    case 'close':
      return [
        { type: 'run.closed', outcome: 'committed', commit: 'c0ffee', files: [], validationPassed: true },
      ];
  }
}

/** A turn whose result cannot be checked at first. */
export const UNCHECKED = 'unchecked';

function auditsOf(
  state: RunState,
  { stage, frame }: { readonly stage: string; readonly frame: number },
): number {
  return state.stages.get(stage)?.frames[frame]?.attempts.at(-1)?.auditFailures?.length ?? 0;
}

/** Attempts that came to no result of their own do not use up a turn. */
function turnOf(
  world: World,
  state: RunState,
  work: { readonly stage: string; readonly frame: number; readonly attempt: number },
): Turn {
  const before = state.stages.get(work.stage)?.frames[work.frame]?.attempts ?? [];
  const nth = before.filter(
    ({ number, outcome }) => number < work.attempt && outcome !== 'abandoned' && outcome !== 'cancelled',
  ).length;
  return world.turn(work.stage, work.frame, nth);
}

function approvalRequested(
  world: World,
  work: Extract<Work, { kind: 'ask-approval' }>,
  state: RunState,
): RunEventBody {
  const rule = state.definitions.get(work.stage)?.approval;
  const approvers = world.asked?.(work.stage).approvers ?? rule?.approvers ?? [];
  const wanted = world.asked?.(work.stage).quorum ?? rule?.quorum ?? 'all';
  const quorum = wanted === 'all' ? approvers.length : wanted === 'any' ? 1 : wanted;
  return {
    type: 'approval.requested',
    approvalId: `${work.stage}-gate-${work.nth}`,
    stage: work.stage,
    approvers: [...approvers],
    quorum,
    deadline: new Date(Date.parse(state.at) + (rule?.timeoutMs ?? 60_000)).toISOString(),
    onTimeout: rule?.onTimeout ?? 'reject',
    preventSelfApproval: rule?.preventSelfApproval ?? false,
    requestedBy: 'eve',
    subject: { definition: 'd', inputs: 'i', commit: null },
    summary: work.stage,
  };
}

/** What work that is stopped in its midst leaves. */
function interrupted(work: Work): RunEventBody[] {
  if (work.kind === 'undo') {
    const { stage, rollbackId } = work;
    return [{ type: 'rollback.step.finished', rollbackId, stage, status: 'interrupted' }];
  }
  if (work.kind !== 'attempt') return [];
  const { stage, frame, attempt } = work;
  return [{ type: 'attempt.generated', stage, frame, attempt, outcome: 'cancelled' }];
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function record(
  journal: RunEvent[],
  state: RunState | undefined,
  epoch: number,
  runId: string,
  bodies: readonly RunEventBody[],
): RunState {
  const at = state?.at ?? new Date(BEGINNING).toISOString();
  const events = envelope(journal, epoch, runId, at, bodies);
  journal.push(...structuredClone(events));
  let folded = state;
  for (const event of events) folded = apply(folded, event);
  if (folded === undefined) throw new Error('a run begins with an event');
  return folded;
}

function envelope(
  journal: readonly RunEvent[],
  epoch: number,
  runId: string,
  at: string,
  bodies: readonly RunEventBody[],
): RunEvent[] {
  const seq = journal.at(-1)?.seq ?? 0;
  return bodies.map((body, index) => ({ v: 1, seq: seq + index + 1, epoch, at, runId, ...body }));
}
