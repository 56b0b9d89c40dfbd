import type { JudgeWork } from '../../core/decide/decision.ts';
import type { Stage } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { optional } from '../agent-choice.ts';
import { type AttemptKey, definitionOf, keyOf, nameOf } from './attempt-key.ts';
import { auditAttempt } from './audit.ts';
import { type LeftBehind, lookAtLeft } from './left-behind.ts';
import type { PipelineWorld } from './world.ts';

/**
 * Checks what an attempt left, and has it audited where the stage says so. Without an audit this is the check of an
 * attempt whose own was torn off the journal, or whose owner died before it. Nothing when it is stopped meanwhile: a
 * check can always be made again.
 */
export async function judge(
  world: PipelineWorld,
  state: RunState,
  work: JudgeWork,
  signal: AbortSignal,
): Promise<Result<readonly RunEventBody[]>> {
  const stage = definitionOf(state, work.stage);
  const key = keyOf(work);
  const outputFile = world.outputFileOf(state, nameOf(key));
  if (stage.audit === undefined) return ok(await checkLeft(world, state, stage, key, outputFile));
  const left = await lookAtLeft(world, state, stage, key.frame, outputFile);
  // What is not there needs no audit.
  if (left.findings.length > 0) return ok([rejected(key, left)]);
  const checked = await auditAttempt(
    world,
    state,
    {
      stage,
      audit: stage.audit,
      key,
      outputs: left.outputs,
      outputFile,
      ...optional('runner', work.runner),
    },
    signal,
  );
  if (!checked.ok) return checked;
  return ok(
    checked.value.flatMap((event) => (isApproval(event) ? withOutputs(event, stage, left) : [event])),
  );
}

/** The verdict on what was left, where nobody else looks at it. */
export async function checkLeft(
  world: PipelineWorld,
  state: RunState,
  stage: Stage,
  key: AttemptKey,
  outputFile: string,
): Promise<readonly RunEventBody[]> {
  const left = await lookAtLeft(world, state, stage, key.frame, outputFile);
  if (left.findings.length > 0) return [rejected(key, left)];
  return withOutputs({ type: 'attempt.judged', ...key, verdict: 'approved', findings: [] }, stage, left);
}

type Judged = Extract<RunEventBody, { type: 'attempt.judged' }>;

function isApproval(event: RunEventBody): event is Judged {
  return event.type === 'attempt.judged' && event.verdict === 'approved';
}

function withOutputs(approval: Judged, stage: Stage, { outputs, undeclared }: LeftBehind): RunEventBody[] {
  const judged = Object.keys(outputs).length === 0 ? approval : { ...approval, outputs: { ...outputs } };
  const notices = undeclared.map(
    (name): RunEventBody => ({
      type: 'notice',
      stage: stage.name,
      message: `the output ${name} is not declared and was left out; add it to outputs: of ${stage.name}`,
    }),
  );
  return [judged, ...notices];
}

function rejected(key: AttemptKey, { findings }: LeftBehind): RunEventBody {
  return {
    type: 'attempt.judged',
    ...key,
    verdict: 'rejected',
    code: 'OUTPUT_INVALID',
    findings: [...findings],
  };
}
