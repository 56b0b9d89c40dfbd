import { hasEnded } from '../run/readiness.ts';
import type { RunState } from '../run/state.ts';
import { definitionOf, perform, skip, stageState, stopRun } from './build.ts';
import type { Decision } from './decision.ts';
import { limitStop } from './limit-stop.ts';

/** As many as there is room for; what does not run takes no room. */
export function forReadyStages(state: RunState, now: number): Decision[] {
  const decisions: Decision[] = [];
  let room = state.pipeline.maxParallel - state.active.size;
  for (const name of state.ready) {
    if (room <= 0) break;
    const skipped = skipDue(state, name);
    if (skipped !== undefined) return [...decisions, skipped];
    room -= 1;
    const before = beforeOpening(state, name, now);
    if (before !== 'open') decisions.push(...before);
    else decisions.push(perform({ kind: 'open', stage: name }));
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
function beforeOpening(state: RunState, name: string, now: number): 'open' | Decision[] {
  const definition = definitionOf(state, name);
  if (!state.settings.feedback || definition.reviews === undefined) return 'open';
  const about = definition.reviews.find((entry) => state.stages.get(entry)?.status === 'succeeded');
  if (about === undefined) return 'open';
  const feedback = stageState(state, name).reviews.get(about);
  if (feedback === undefined) {
    return limitStop(state, now) ?? [perform({ kind: 'review', stage: name, about })];
  }
  if (feedback === null || feedback.verdict !== 'gate' || feedback.answer === 'continue') return 'open';
  if (feedback.answer === undefined) return [perform({ kind: 'ask-gate', stage: name, about })];
  const message = `${name} rated ${about} ${feedback.rating} of 5: ${feedback.issues.join('; ') || 'no issue named'}`;
  return [stopRun('QUALITY_GATE', 0, feedback.rating, message)];
}
