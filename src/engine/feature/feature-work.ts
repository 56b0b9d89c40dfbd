import type { Work } from '../../core/decide/decision.ts';
import { featurePaths } from '../../core/feature/paths.ts';
import { parsePlan } from '../../core/feature/plan.ts';
import { unreachable } from '../../core/never.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { askQuestion } from '../ask-question.ts';
import { agentAttemptStarted } from '../attempt-started.ts';
import type { StageWork } from '../drive.ts';
import { systemProblem } from '../system-problem.ts';
import { makeAttempt } from './attempt.ts';
import { close } from './close.ts';
import { featureOf } from './evidence.ts';
import { judge } from './judge.ts';
import { review } from './review.ts';
import type { FeatureWorld } from './world.ts';

/** Performs the decisions of a feature run in the world given. */
export function createFeatureWork(world: FeatureWorld): StageWork {
  return {
    async perform(work, state, signal, report) {
      try {
        return named(await performed(work, state, signal, report));
      } catch (error) {
        return fail(systemProblem(error));
      }
    },
    started: (work, state) => {
      if (work.kind === 'attempt') return agentAttemptStarted(world, state, work);
      throw new Error('a feature run is never rolled back');
    },
  };

  function performed(
    work: Work,
    state: RunState,
    signal: AbortSignal,
    report: (events: readonly RunEventBody[]) => void,
  ): Promise<Result<readonly RunEventBody[]>> {
    switch (work.kind) {
      case 'open':
        return open(world, state, work.stage);
      case 'attempt':
        return makeAttempt(world, state, work, signal, report);
      case 'judge':
        return judge(world, state, work, signal);
      case 'review':
        return review(world, state, work, signal);
      case 'ask-gate':
        return askGate(world, state, work);
      case 'ask-question':
        return askQuestion(world.person, work);
      case 'close':
        return close(world, state);
      case 'ask-approval':
      case 'notify':
      case 'undo':
        throw new Error(`the feature pipeline has no ${work.kind}`);
      default:
        return unreachable(work);
    }
  }
}

/** Reason code of what git refused: the table has one family for the tools that a run depends on. */
function named<T>(result: Result<T>): Result<T> {
  if (result.ok || !GIT_PROBLEMS.has(result.error.code)) return result;
  return fail({ ...result.error, code: 'DEP_GIT_FAIL' });
}

const GIT_PROBLEMS = new Set([
  'git-failed',
  'git-missing',
  'git-ownership',
  'commit-refused',
  'no-identity',
  'no-git',
]);

/** One frame, or one per step of the plan. */
async function open(
  world: FeatureWorld,
  state: RunState,
  stage: string,
): Promise<Result<readonly RunEventBody[]>> {
  if (state.definitions.get(stage)?.foreach !== 'plan-steps') {
    return ok([{ type: 'stage.started', stage, frames: [{ title: stage }] }]);
  }
  const plan = await world.files.read(featurePaths(featureOf(state).slug).plan);
  if (!plan.ok) return plan;
  const frames = parsePlan(plan.value ?? '').steps.map((step) => ({
    title: `step ${step.number}: ${step.path}`,
    tests: [...step.tests],
  }));
  return ok([{ type: 'stage.started', stage, frames: frames.length > 0 ? frames : [{ title: stage }] }]);
}

async function askGate(
  world: FeatureWorld,
  state: RunState,
  work: Extract<Work, { kind: 'ask-gate' }>,
): Promise<Result<readonly RunEventBody[]>> {
  const feedback = state.stages.get(work.stage)?.reviews.get(work.about);
  if (feedback === undefined || feedback === null) return ok([]);
  if (state.settings.yes) return ok([{ type: 'gate.answered', stage: work.stage, answer: 'continue' }]);
  if (!world.person.present) return ok([{ type: 'gate.answered', stage: work.stage, answer: 'pause' }]);
  const { answer, comment } = await world.person.gate(feedback);
  return ok([
    { type: 'gate.answered', stage: work.stage, answer, ...(comment === undefined ? {} : { comment }) },
  ]);
}
