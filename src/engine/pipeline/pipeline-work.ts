import type { AttemptWork, UndoWork, Work } from '../../core/decide/decision.ts';
import { unreachable } from '../../core/never.ts';
import { fail, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { optional, roleOf, runnerNameOf } from '../agent-choice.ts';
import { askQuestion } from '../ask-question.ts';
import { agentAttemptStarted } from '../attempt-started.ts';
import type { StageWork } from '../drive.ts';
import { systemProblem } from '../system-problem.ts';
import { askApproval, notify } from './approval.ts';
import { makeAttempt } from './attempt.ts';
import { definitionOf } from './attempt-key.ts';
import { exportResult } from './export.ts';
import { judge } from './judge.ts';
import { openStage } from './open.ts';
import { undo, undoJob } from './undo.ts';
import type { PipelineWorld } from './world.ts';

/** Performs the decisions of a YAML pipeline's run in the world given. */
export function createPipelineWork(world: PipelineWorld): StageWork {
  return {
    async perform(work, state, signal, report) {
      try {
        return await performed(world, work, state, signal, report);
      } catch (error) {
        return fail(systemProblem(error));
      }
    },
    started: (work, state) =>
      work.kind === 'attempt' ? attemptStarted(world, state, work) : undoStarted(world, state, work),
  };
}

function performed(
  world: PipelineWorld,
  work: Work,
  state: RunState,
  signal: AbortSignal,
  report: (events: readonly RunEventBody[]) => void,
): Promise<Result<readonly RunEventBody[]>> {
  switch (work.kind) {
    case 'open':
      return openStage(world, state, work.stage);
    case 'attempt':
      return makeAttempt(world, state, work, signal, report);
    case 'judge':
      return judge(world, state, work, signal);
    case 'ask-question':
      return askQuestion(world.person, work);
    case 'ask-approval':
      return askApproval(world, state, work.stage);
    case 'notify':
      return notify(world, state, work.approvalId);
    case 'undo':
      return undo(world, state, work, signal);
    case 'close':
      return exportResult(world, state, signal);
    case 'review':
    case 'ask-gate':
      throw new Error(`only the feature pipeline has ${work.kind}`);
    default:
      return unreachable(work);
  }
}

function attemptStarted(world: PipelineWorld, state: RunState, work: AttemptWork): RunEventBody {
  if (definitionOf(state, work.stage).work.kind === 'agent') return agentAttemptStarted(world, state, work);
  const { stage, frame, attempt } = work;
  return {
    type: 'attempt.started',
    stage,
    frame,
    attempt,
    ...optional('strategy', work.strategy),
    ...optional('strategyReason', work.strategyReason),
    agent: 'command',
    runner: 'command',
  };
}

function undoStarted(world: PipelineWorld, state: RunState, work: UndoWork): RunEventBody {
  const { work: job } = undoJob(state, work.stage);
  const { rollbackId, stage } = work;
  const by =
    job.kind === 'command'
      ? { agent: 'command', runner: 'command' }
      : { agent: job.agent, runner: runnerNameOf(world, state, roleOf(world, job)) };
  return { type: 'rollback.step.started', rollbackId, stage, ...by };
}
