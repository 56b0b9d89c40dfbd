import { newCounters } from './counters.ts';
import type { EventOf } from './event-of.ts';
import { rebuildReadiness } from './readiness.ts';
import type { RunState, StageState } from './state.ts';

/** The state of a run of which nothing is known but that it was created. */
export function createdRun(event: EventOf<'run.created'>): RunState {
  const stages = new Map<string, StageState>();
  event.pipeline.stages.forEach((stage, index) => {
    stages.set(stage.name, pendingStage(stage.name, index));
  });
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
    gated: new Set(),
    approvals: new Map(),
    auditHead: '',
    rollbacks: [],
    answered: new Set(),
    unfinished: 0,
    warnings: 0,
    halted: false,
    historyRecorded: false,
    metrics: newCounters(stages.size),
  };
  rebuildReadiness(state);
  return state;
}

function pendingStage(name: string, index: number): StageState {
  return {
    name,
    index,
    status: 'pending',
    frames: [],
    earlier: [],
    open: new Set(),
    nextFrame: 0,
    endedFrames: 0,
    metrics: newCounters(1),
    outputs: {},
    pendingTests: [],
    reviews: new Map(),
    revised: false,
    reopenedFor: [],
    approvals: [],
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
