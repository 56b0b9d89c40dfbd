import { questionIn } from '../../core/agent/answer.ts';
import type { AttemptWork } from '../../core/decide/decision.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { agentOf } from '../attempt-started.ts';
import { attemptSummary } from '../attempt-summary.ts';
import type { Checkpoint } from '../ports.ts';
import { putRight, restoreTests } from './guard.ts';
import { promptForAttempt } from './prompting.ts';
import { runSession, type SessionEnd } from './session.ts';
import type { FeatureWorld } from './world.ts';

/** One attempt: checkpoint, agent, then whatever it may not leave behind is put right. */
export async function makeAttempt(
  world: FeatureWorld,
  state: RunState,
  work: AttemptWork,
  signal: AbortSignal,
  report: (events: readonly RunEventBody[]) => void,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = state.definitions.get(work.stage);
  if (stage === undefined) throw new Error(`no stage named ${work.stage}`);
  const key = { stage: work.stage, frame: work.frame, attempt: work.attempt };
  const name = `${work.stage}/${work.frame}-${work.attempt}`;
  const restored = await restoreTests(world, state, work);
  if (!restored.ok) return restored;
  const checkpoint = await world.repository.checkpoint(
    `${state.executionId}/${name}`,
    `before attempt ${work.attempt} of ${work.stage}`,
  );
  if (!checkpoint.ok) return checkpoint;
  const rolledBack = await rollBack(world, state, work);
  if (!rolledBack.ok) return rolledBack;
  const prompt = await promptForAttempt(world, state, work);
  if (!prompt.ok) return prompt;
  const session = await runSession(
    world,
    state,
    {
      stage,
      frame: work.frame,
      attempt: work.attempt,
      kind: 'work',
      prompt: prompt.value,
      findings: work.findings,
      name,
      onSession: (sessionId) => report([{ type: 'session.opened', ...key, sessionId }]),
      report,
      ...agentOf(world, state, work),
    },
    signal,
  );
  if (!session.ok) return session;
  const notices = await putRight(world, state, { stage: work.stage, name, before: checkpoint.value });
  if (!notices.ok) return notices;
  return ok([
    {
      type: 'checkpoint.made',
      ...key,
      checkpoint: { commit: checkpoint.value.commit, tree: checkpoint.value.tree },
    },
    ...[...restored.value, ...notices.value].map(
      (message): RunEventBody => ({ type: 'notice', stage: work.stage, message }),
    ),
    {
      type: 'attempt.generated',
      ...key,
      logFile: session.value.logFile,
      ...attemptSummary(session.value.outcome),
      ...questionOf(session.value),
    },
  ]);
}

/** `rollback-to-checkpoint` is real: the files are put back to what they were before the frame's first attempt. */
async function rollBack(world: FeatureWorld, state: RunState, work: AttemptWork): Promise<Result<void>> {
  if (work.strategy !== 'rollback-to-checkpoint') return ok(undefined);
  const first: Checkpoint | undefined = state.stages.get(work.stage)?.frames[work.frame]?.attempts[0]
    ?.checkpoint;
  if (first === undefined) return ok(undefined);
  const changes = await world.repository.changesSince(first);
  if (!changes.ok) return changes;
  return world.repository.restore(
    first,
    changes.value.map((change) => change.path),
  );
}

function questionOf({ outcome, answer }: SessionEnd): { question?: string } {
  const question = outcome.outcome === 'ok' ? questionIn(answer) : undefined;
  return question === undefined ? {} : { question };
}
