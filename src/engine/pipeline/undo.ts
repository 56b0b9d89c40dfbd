import type { Usage } from '../../core/agent/event.ts';
import type { UndoWork } from '../../core/decide/decision.ts';
import type { Job, Stage, Undo } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import { runningRollback } from '../../core/run/rollback-events.ts';
import type { RollbackState, RunState } from '../../core/run/state.ts';
import { lookupIn } from '../../core/run/variables.ts';
import { optional } from '../agent-choice.ts';
import { definitionOf } from './attempt-key.ts';
import { doJob } from './job.ts';
import type { JobEnd } from './job-order.ts';
import { promptForStage, promptForUndo } from './prompting.ts';
import type { PipelineWorld } from './world.ts';

/** How a stage is undone. `isStandard`: an agent is asked to take back what the task says, rather than to do it. */
export interface UndoJob extends Undo {
  readonly isStandard: boolean;
}

/**
 * By its own `rollback:` block, else by its own agent. An agent that the block gives no task gets the standard prompt
 * as well: with the prompt of a stage it would do the work once more.
 */
export function undoJob(state: RunState, name: string): UndoJob {
  const stage = definitionOf(state, name);
  const { rollback } = stage;
  if (rollback !== undefined && (rollback.work.kind === 'command' || rollback.work.task !== undefined))
    return { ...rollback, isStandard: false };
  const { work, timeoutMs } = rollback ?? stage;
  if (work.kind === 'command') throw new Error(`nothing says how ${name} is undone`);
  const done = textOf(stage.work);
  return { work: { ...work, ...optional('task', done) }, timeoutMs, isStandard: true };
}

/**
 * Undoes one stage, once; with `foreach`, each item that was begun, the last one first. Whatever comes of it is told;
 * nothing is tried again (spec: pipelines 7).
 */
export async function undo(
  world: PipelineWorld,
  state: RunState,
  work: UndoWork,
  signal: AbortSignal,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = definitionOf(state, work.stage);
  const rollback = runningRollback(state);
  if (rollback === undefined) return ok([]);
  const { rollbackId } = work;
  const key = { rollbackId, stage: stage.name };
  const usages: (Usage | undefined)[] = [];
  let last: UndoEnd | undefined;
  for (const part of partsOf(state, stage)) {
    const end = await undoPart(world, state, stage, rollback, part, signal);
    if (!end.ok) return end;
    last = end.value;
    usages.push(last.end.usage);
    if (statusOf(last.end) !== 'succeeded') break;
  }
  return ok([
    {
      type: 'rollback.step.finished',
      ...key,
      status: last === undefined ? 'succeeded' : statusOf(last.end),
      ...optional('logFile', last?.logFile),
      ...optional('exitCode', last?.end.exitCode),
      ...optional('message', last === undefined ? undefined : messageOf(last)),
      ...optional('usage', sumOf(usages)),
    },
  ]);
}

/** What is undone at once: the stage, or one of its items. */
interface Part {
  readonly frame: number;
  readonly item?: string;
}

interface UndoEnd extends Part {
  readonly end: JobEnd;
  readonly logFile: string;
}

function partsOf(state: RunState, stage: Stage): readonly Part[] {
  if (stage.foreach === undefined) return [{ frame: 0 }];
  const frames = state.stages.get(stage.name)?.frames ?? [];
  return frames
    .filter((frame) => frame.attempts.length > 0)
    .map((frame) => ({ frame: frame.index, item: frame.title }))
    .reverse();
}

async function undoPart(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  rollback: RollbackState,
  part: Part,
  signal: AbortSignal,
): Promise<Result<UndoEnd>> {
  const { work: job, timeoutMs, isStandard } = undoJob(state, stage.name);
  const nth = state.rollbacks.length;
  const name = part.item === undefined ? `undo-${nth}` : `undo-${nth}-${part.frame}`;
  const places = world.places(state, `${stage.name}/${name}`, job.kind);
  const asked = {
    kind: 'attempt',
    stage: stage.name,
    frame: part.frame,
    attempt: nth,
    findings: [],
  } as const;
  const end = await doJob(
    world,
    {
      state,
      stage,
      job,
      kind: 'undo',
      ...part,
      attempt: nth,
      timeoutMs,
      places,
      lookup: lookupIn(state, stage.name, part.item),
      findings: [],
      prompt: (filled) => {
        if (isStandard) return promptForUndo(world, state, stage, filled, rollback);
        return promptForStage(world, state, { stage: withoutDuties(stage), work: asked, filled, places });
      },
    },
    signal,
  );
  return end.ok ? ok({ ...part, end: end.value, logFile: places.logFile }) : end;
}

function statusOf(end: JobEnd): 'succeeded' | 'failed' | 'interrupted' {
  if (end.outcome === 'cancelled') return 'interrupted';
  return end.outcome === 'ok' && end.question === undefined ? 'succeeded' : 'failed';
}

/** A rollback asks nobody: what an agent wants to know then is why it failed. */
function messageOf({ end, item }: UndoEnd): string | undefined {
  const message =
    end.question === undefined
      ? (end.message ?? (end.outcome === 'ok' ? undefined : end.outcome))
      : `it asked instead of undoing: ${end.question}`;
  return message === undefined || item === undefined ? message : `${item.slice(0, MAX_ITEM)}: ${message}`;
}

const MAX_ITEM = 200;

/** The cost of all is known only where each is. */
function sumOf(usages: readonly (Usage | undefined)[]): Usage | undefined {
  const known = usages.filter((usage) => usage !== undefined);
  const [first, ...more] = known;
  if (first === undefined) return undefined;
  return more.reduce<Usage>((sum, usage) => {
    const { costMicroUsd: before, ...tokens } = sum;
    return {
      ...tokens,
      input: sum.input + usage.input,
      output: sum.output + usage.output,
      cacheRead: (sum.cacheRead ?? 0) + (usage.cacheRead ?? 0),
      cacheWrite: (sum.cacheWrite ?? 0) + (usage.cacheWrite ?? 0),
      ...(usage.tokensIncomplete === undefined ? {} : { tokensIncomplete: usage.tokensIncomplete }),
      ...(before === undefined || usage.costMicroUsd === undefined
        ? {}
        : { costMicroUsd: before + usage.costMicroUsd }),
    };
  }, first);
}

/** What the stage itself has to leave behind is no duty of its undoing. */
function withoutDuties(stage: Stage): Stage {
  const { outputs: _outputs, produces: _produces, ...rest } = stage;
  return rest;
}

function textOf(work: Job): string | undefined {
  return work.kind === 'command' ? work.run : work.task;
}
