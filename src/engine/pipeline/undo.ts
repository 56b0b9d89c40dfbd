import type { UndoWork } from '../../core/decide/decision.ts';
import type { Stage, Undo } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import { runningRollback } from '../../core/run/rollback-events.ts';
import type { RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { optional } from '../agent-choice.ts';
import { doJob, type JobEnd } from './job.ts';
import { promptForStage, promptForUndo } from './prompting.ts';
import type { PipelineWorld } from './world.ts';

/** How a stage is undone: by its own `rollback:` block, else by its own agent with the standard prompt. */
export function undoJob(state: RunState, name: string): Undo & { readonly isStandard: boolean } {
  const stage = definitionOf(state, name);
  if (stage.rollback !== undefined) return { ...stage.rollback, isStandard: false };
  return { work: stage.work, timeoutMs: stage.timeoutMs, isStandard: true };
}

/** Undoes one stage, once. Whatever comes of it is told; nothing is tried again (spec: pipelines 7). */
export async function undo(
  world: PipelineWorld,
  state: RunState,
  work: UndoWork,
  signal: AbortSignal,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = definitionOf(state, work.stage);
  const rollback = runningRollback(state);
  if (rollback === undefined) return ok([]);
  const { work: job, timeoutMs, isStandard } = undoJob(state, work.stage);
  const nth = state.rollbacks.length;
  const places = world.places(state, `${stage.name}/undo-${nth}`, job.kind);
  const lookup = lookupIn(state, stage.name);
  const end = await doJob(
    world,
    {
      state,
      stage,
      job,
      kind: 'undo',
      frame: 0,
      attempt: nth,
      timeoutMs,
      places,
      lookup,
      findings: [],
      prompt: (task) => {
        if (isStandard) return promptForUndo(world, state, stage, task, rollback);
        const asked = { kind: 'attempt', stage: stage.name, frame: 0, attempt: nth, findings: [] } as const;
        const plain = withoutDuties(stage);
        return promptForStage(world, state, { stage: plain, work: asked, task, places, lookup });
      },
    },
    signal,
  );
  if (!end.ok) return end;
  const { rollbackId } = work;
  const { exitCode, usage } = end.value;
  return ok([
    {
      type: 'rollback.step.finished',
      rollbackId,
      stage: stage.name,
      status: statusOf(end.value),
      logFile: places.logFile,
      ...optional('exitCode', exitCode),
      ...optional('message', messageOf(end.value)),
      ...optional('usage', usage === undefined ? undefined : { ...usage }),
    },
  ]);
}

function statusOf(end: JobEnd): 'succeeded' | 'failed' | 'interrupted' {
  if (end.outcome === 'cancelled') return 'interrupted';
  return end.outcome === 'ok' && end.question === undefined ? 'succeeded' : 'failed';
}

/** A rollback asks nobody: what an agent wants to know then is why it failed. */
function messageOf(end: JobEnd): string | undefined {
  if (end.question !== undefined) return `it asked instead of undoing: ${end.question}`;
  return end.message ?? (end.outcome === 'ok' ? undefined : end.outcome);
}

/** What the stage itself has to leave behind is no duty of its undoing. */
function withoutDuties(stage: Stage): Stage {
  const { outputs: _outputs, produces: _produces, ...rest } = stage;
  return rest;
}

function definitionOf(state: RunState, name: string): Stage {
  const stage = state.definitions.get(name);
  if (stage === undefined) throw new Error(`no stage named ${name}`);
  return stage;
}
