import { findingsVariable } from '../../core/agent/findings.ts';
import { stallTimeoutOf } from '../../core/decide/limits.ts';
import { tellingLine } from '../../core/pipeline/telling-line.ts';
import { ok, type Result } from '../../core/result.ts';
import { commandWithVariables } from '../../core/variable/command.ts';
import { optional } from '../agent-choice.ts';
import type { CommandOutcome } from '../ports.ts';
import { type JobEnd, type JobOrder, type JobPlace, missingInput } from './job-order.ts';
import { readAnswer, withAnswer } from './typed-answer.ts';
import type { PipelineWorld } from './world.ts';

/** Runs the command of a piece of work, with values in its environment. */
export async function runCommand(
  world: PipelineWorld,
  order: JobOrder,
  run: string,
  place: JobPlace,
  signal: AbortSignal,
): Promise<Result<JobEnd>> {
  const command = commandWithVariables(run, order.lookup);
  if (!command.ok) return ok(missingInput(command.error.message));
  const { state, stage, places } = order;
  const outcome = await world.commands.run(
    {
      runId: state.executionId,
      commandLine: command.value.commandLine,
      cwd: place.cwd,
      // What the engine says goes above what the stage says.
      env: { ...place.env, ...engineVariables(order, place), ...command.value.env },
      timeoutMs: order.timeoutMs,
      ...optional('stallTimeoutMs', stallTimeoutOf(state, 'command', stage.name)),
      logFile: places.logFile,
      scratchDir: places.scratchDir,
    },
    signal,
  );
  const end: JobEnd = {
    ...endOfCommand(outcome),
    ...(order.kind === 'audit' ? { printed: lastPrinted(outcome) } : {}),
  };
  if (end.outcome !== 'ok' && end.outcome !== 'failed') return ok(end);
  return ok(withAnswer(world, end, await readAnswer(world, places.answerFile)));
}

/** How a command ended, and the last thing that it said: usually the reason. */
export function endOfCommand(outcome: CommandOutcome): JobEnd {
  const said = outcome.message ?? explain(outcome);
  return {
    outcome: outcome.outcome,
    ...optional('exitCode', outcome.exitCode),
    ...optional('silentMs', outcome.silentMs),
    ...(outcome.outcome === 'ok' || outcome.outcome === 'cancelled' ? {} : { message: said }),
  };
}

function engineVariables(order: JobOrder, place: JobPlace): Record<string, string> {
  const { state, stage, places } = order;
  const findings = findingsVariable(order.findings);
  return {
    MURMUR8_RUN_ID: state.executionId,
    MURMUR8_PIPELINE: state.pipeline.name,
    MURMUR8_STAGE: stage.name,
    MURMUR8_JOB: order.kind,
    MURMUR8_FRAME: String(order.frame),
    // The process marker has the name without NUMBER.
    ...(order.kind === 'undo' ? {} : { MURMUR8_ATTEMPT_NUMBER: String(order.attempt) }),
    MURMUR8_OUTPUT: places.outputFile,
    MURMUR8_ANSWER: places.answerFile,
    ...optional('MURMUR8_ENVIRONMENT', place.environment),
    ...optional('MURMUR8_ITEM', order.item),
    ...optional('MURMUR8_STRATEGY', order.strategy?.name),
    ...(findings === '' ? {} : { MURMUR8_FINDINGS: findings }),
  };
}

function explain({ exitCode, stderr, stdout }: CommandOutcome): string {
  const last = tellingLine(stderr) ?? tellingLine(stdout);
  return `exit code ${exitCode ?? 'unknown'}${last === undefined ? '' : `: ${last}`}`;
}

const MOST_LINES = 10;
/** Enough for that many lines of the length that is kept. */
const LOOKED_AT = 20_000;

/** The end of both streams, for a check that says by printing what is wrong. */
function lastPrinted({ stdout, stderr }: CommandOutcome): readonly string[] {
  return [stdout, stderr].flatMap((text) =>
    text
      .slice(-LOOKED_AT)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-MOST_LINES),
  );
}
