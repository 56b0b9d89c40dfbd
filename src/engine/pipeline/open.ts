import { ok, type Result } from '../../core/result.ts';
import { latestApproval } from '../../core/run/approval-events.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { changeSince } from './approval.ts';
import { itemsOf } from './items.ts';
import type { PipelineWorld } from './world.ts';

/** Begins a stage, unless what was approved is no longer what would begin. With `foreach` it has a frame per item. */
export async function openStage(
  world: PipelineWorld,
  state: RunState,
  name: string,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = state.definitions.get(name);
  const before = state.stages.get(name);
  if (stage === undefined || before === undefined) throw new Error(`no stage named ${name}`);
  const approval = stage.approval === undefined ? undefined : latestApproval(state, before);
  if (approval !== undefined) {
    const reason = await changeSince(world, state, stage, approval);
    if (!reason.ok) return reason;
    if (reason.value !== undefined)
      return ok([
        {
          type: 'approval.closed',
          approvalId: approval.id,
          stage: name,
          status: 'void',
          reason: reason.value,
        },
      ]);
  }
  const items = await itemsOf(world, state, stage);
  // What is wrong with a file of items is wrong for the whole run.
  if (!items.ok && items.error.code === 'SYS_MANIFEST_INVALID') return items;
  if (!items.ok) {
    // A stage whose items cannot be had fails without an attempt.
    const { message } = items.error;
    return ok([{ type: 'stage.finished', stage: name, status: 'failed', code: 'OUTPUT_INVALID', message }]);
  }
  return ok([{ type: 'stage.started', stage: name, frames: items.value.map((title) => ({ title })) }]);
}
