import { canonicalJson } from '../../core/canonical-json.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { ApprovalState, RunState } from '../../core/run/state.ts';
import { lookupIn, upstreamOf, variablesOf } from '../../core/run/variables.ts';
import { substitute } from '../../core/variable/substitute.ts';
import { itemsOf } from './items.ts';
import type { PipelineWorld } from './world.ts';

const MAX_SUMMARY = 600;

/** Asks for an approval: who decides, until when, and what exactly it is about (spec: pipelines 6). */
export async function askApproval(
  world: PipelineWorld,
  state: RunState,
  name: string,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = state.definitions.get(name);
  const rule = stage?.approval;
  if (stage === undefined || rule === undefined) throw new Error(`stage ${name} needs no approval`);
  const approvers = [...new Set(rule.approvers.length > 0 ? rule.approvers : world.defaultApprovers)];
  const quorum = quorumOf(rule.quorum, approvers.length);
  if (approvers.length === 0 || quorum > approvers.length)
    return fail({
      code: 'SYS_MANIFEST_INVALID',
      message: `the gate of ${name} needs ${quorum} votes, and ${approvers.length} people can vote`,
      hint: `name approvers for ${name}, or set default approvers with: murmur8 approval-config`,
    });
  const subject = await subjectOf(world, state, stage);
  if (!subject.ok) return subject;
  return ok([
    {
      type: 'approval.requested',
      approvalId: world.clock.id(),
      stage: name,
      approvers,
      quorum,
      deadline: new Date(world.clock.now() + rule.timeoutMs).toISOString(),
      onTimeout: rule.onTimeout,
      preventSelfApproval: rule.preventSelfApproval,
      requestedBy: state.created.cause?.actor ?? 'unknown',
      subject: subject.value,
      summary: summaryOf(world, state, stage),
    },
  ]);
}

/** Hands a request to the configured channels. What a channel cannot do changes nothing at the gate. */
export async function notify(
  world: PipelineWorld,
  state: RunState,
  approvalId: string,
): Promise<Result<readonly RunEventBody[]>> {
  const approval = state.approvals.get(approvalId);
  if (approval === undefined) return ok([]);
  const { stage } = approval;
  const queued = await world.notify(state, approval);
  if (!queued.ok) {
    const detail = queued.error.message;
    return ok([
      { type: 'approval.notified', approvalId, stage, channel: 'outbox', status: 'failed', detail },
    ]);
  }
  return ok(
    queued.value.map((channel): RunEventBody => {
      return { type: 'approval.notified', approvalId, stage, channel, status: 'queued' };
    }),
  );
}

/** What has changed since an approval was asked for; undefined when it still is about what would begin. */
export async function changeSince(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  approval: ApprovalState,
): Promise<Result<string | undefined>> {
  const now = await subjectOf(world, state, stage);
  if (!now.ok) return now;
  const before = approval.subject;
  if (now.value.definition !== before.definition) return ok('the definition of the stage has changed');
  if (now.value.inputs !== before.inputs) return ok('the inputs of the stage have changed');
  if (now.value.commit !== before.commit)
    return ok(`the commit has changed from ${short(before.commit)} to ${short(now.value.commit)}`);
  return ok(undefined);
}

async function subjectOf(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
): Promise<Result<ApprovalState['subject']>> {
  const commit = await world.head();
  if (!commit.ok) return commit;
  const outputs = upstreamOf(state, stage.name)
    .sort()
    .map((name) => [name, state.stages.get(name)?.outputs ?? {}]);
  const inputs = [
    variablesOf(state),
    state.created.facts ?? null,
    outputs,
    ...(await itemsIn(world, state, stage)),
  ];
  // A journal gives keys back in another order than the one in which the run began: the same has to hash alike.
  return ok({
    definition: world.digest(canonicalJson(stage)),
    inputs: world.digest(canonicalJson(inputs)),
    commit: commit.value,
  });
}

/** What a stage is done for is approved with it. Items that cannot be had are told when the stage begins. */
async function itemsIn(world: PipelineWorld, state: RunState, stage: Stage): Promise<readonly unknown[]> {
  if (stage.foreach === undefined) return [];
  const items = await itemsOf(world, state, stage);
  return [items.ok ? items.value : null];
}

function summaryOf(world: PipelineWorld, state: RunState, { name, work }: Stage): string {
  const written = work.kind === 'command' ? work.run : (work.task ?? '');
  const filled = substitute(written, lookupIn(state, name));
  const text = world.mask(filled.ok ? filled.value : written).slice(0, MAX_SUMMARY);
  if (work.kind === 'command') return `run: ${text}`;
  return text === '' ? work.agent : `${work.agent}: ${text}`;
}

function quorumOf(quorum: number | 'all' | 'any', seats: number): number {
  if (quorum === 'all') return Math.max(1, seats);
  return quorum === 'any' ? 1 : quorum;
}

function short(commit: string | null): string {
  return commit === null ? 'none' : commit.slice(0, 10);
}
