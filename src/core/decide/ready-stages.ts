import { evaluateCondition } from '../condition/evaluate.ts';
import type { Evaluated } from '../condition/evaluated.ts';
import type { Condition } from '../pipeline/definition.ts';
import { isGranted, latestApproval } from '../run/approval-events.ts';
import { hasEnded } from '../run/readiness.ts';
import type { RunState } from '../run/state.ts';
import { upstreamOf, variablesOf } from '../run/variables.ts';
import { definitionOf, perform, skip, stageState, stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { limitStop } from './limit-stop.ts';

/** As many as there is room for; what does not run takes no room. */
export function forReadyStages(state: RunState, now: number): Decision[] {
  const decisions: Decision[] = [];
  let room = state.pipeline.maxParallel - state.active.size;
  for (const name of state.ready) {
    if (room <= 0) break;
    const first = skipDue(state, name) ?? conditionDue(state, name);
    if (first !== undefined) return [...decisions, first];
    const approval = approvalDue(state, name);
    if (approval !== undefined) {
      decisions.push(approval);
      continue;
    }
    room -= 1;
    const before = beforeOpening(state, name, now);
    if (before === 'open') decisions.push(opening(state, name));
    else decisions.push(...before);
  }
  return decisions;
}

export function pauseDue(state: RunState): Decision | undefined {
  const after = state.settings.pauseAfter;
  if (after === undefined) return undefined;
  const stage = state.stages.get(after);
  if (stage === undefined || !hasEnded(stage.status) || stage.status === 'failed' || state.unfinished === 0)
    return undefined;
  return stopRun('PAUSED_AFTER_STAGE', 0, 1);
}

export function haltReason(state: RunState, name: string): 'UPSTREAM_FAILED' | 'RUN_HALTED' {
  const { needs } = definitionOf(state, name);
  return needs.some((need) => stageState(state, need).status === 'failed') ? 'UPSTREAM_FAILED' : 'RUN_HALTED';
}

/** Ready rule of spec pipelines 2. */
function skipDue(state: RunState, name: string): Decision | undefined {
  const needs = definitionOf(state, name).needs.map((need) => stageState(state, need));
  if (
    needs.some((need) => need.status === 'failed' && definitionOf(state, need.name).onFailure !== 'continue')
  ) {
    return skip(name, 'UPSTREAM_FAILED');
  }
  if (needs.some((need) => need.skip?.reason === 'UPSTREAM_FAILED')) return skip(name, 'UPSTREAM_FAILED');
  const satisfied = needs.some((need) => need.status !== 'skipped' || need.skip?.reason === 'NOT_SELECTED');
  return needs.length > 0 && !satisfied ? skip(name, 'UPSTREAM_SKIPPED') : undefined;
}

/** The stage's own condition, evaluated once: when the stage becomes ready, before anybody is asked (spec: pipelines 3). */
function conditionDue(state: RunState, name: string): Decision | undefined {
  const { when } = definitionOf(state, name);
  if (when === undefined || stageState(state, name).condition !== undefined) return undefined;
  const condition = evaluateWhen(state, name, when);
  if (condition.value === true) {
    return { do: 'record', event: { type: 'condition.met', stage: name, condition } };
  }
  const reason = condition.value === 'unknown' ? 'WHEN_UNKNOWN' : 'WHEN_FALSE';
  return skip(name, reason, { detail: condition.reason, condition });
}

/** A condition over the facts of the run, its variables, and what stages that have ended gave out. */
export function evaluateWhen(state: RunState, stage: string, when: Condition): Evaluated {
  const facts = state.created.facts ?? {};
  return evaluateCondition(when, { facts, variable: (name) => variableOf(state, stage, name) });
}

/** A variable of the run first; else the output of that name of a stage before this one, the nearest first. */
function variableOf(
  state: RunState,
  before: string,
  variable: string,
): { value: string; why?: string } | undefined {
  const own = ownValue(variablesOf(state), variable);
  if (own !== undefined) return { value: own };
  for (const stage of upstreamOf(state, before).flatMap((name) => state.stages.get(name) ?? [])) {
    const value = ownValue(stage.outputs, variable);
    const why = ownValue(stage.outputs, `${variable}_reason`);
    if (value !== undefined) return why === undefined ? { value } : { value, why };
  }
  return undefined;
}

function ownValue(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Whoever has to agree is asked before the stage takes any room. */
function approvalDue(state: RunState, name: string): Decision | undefined {
  const definition = definitionOf(state, name);
  if (definition.approval === undefined) return undefined;
  const stage = stageState(state, name);
  const latest = latestApproval(state, stage);
  if (latest !== undefined && isGranted(latest)) return undefined;
  return perform({ kind: 'ask-approval', stage: name, nth: stage.approvals.length });
}

/** What was approved is looked at once more, and items are counted, in the world; every other stage just begins. */
function opening(state: RunState, name: string): Decision {
  const definition = definitionOf(state, name);
  if (definition.foreach !== undefined || definition.approval !== undefined)
    return perform({ kind: 'open', stage: name });
  return { do: 'record', event: { type: 'stage.started', stage: name, frames: [{ title: name }] } };
}

/** The rating of what the stage received, and the gate that a bad one closes. */
function beforeOpening(state: RunState, name: string, now: number): 'open' | Decision[] {
  const definition = definitionOf(state, name);
  if (!state.settings.feedback || definition.reviews === undefined) return 'open';
  const about = definition.reviews.find((entry) => state.stages.get(entry)?.status === 'succeeded');
  if (about === undefined) return 'open';
  const feedback = stageState(state, name).reviews.get(about);
  if (feedback === undefined) {
    return (
      limitStop(state, stageState(state, name), now) ?? [perform({ kind: 'review', stage: name, about })]
    );
  }
  if (feedback === null || feedback.verdict !== 'gate' || feedback.answer === 'continue') return 'open';
  if (feedback.answer === undefined) return [perform({ kind: 'ask-gate', stage: name, about })];
  const message = `${name} rated ${about} ${feedback.rating} of 5: ${feedback.issues.join('; ') || 'no issue named'}`;
  return [stopRun('QUALITY_GATE', 0, feedback.rating, message)];
}
