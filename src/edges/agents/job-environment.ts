import { findingsVariable } from '../../core/agent/findings.ts';
import type { AgentOrder } from '../../engine/ports.ts';

/**
 * What the job is about, as variables: for runners that do not read prose, and for scripts that an agent calls. What
 * does not apply to a job is absent. The stage's own variables come with it and cannot stand for one of ours.
 */
export function jobEnvironment(order: AgentOrder): Readonly<Record<string, string>> {
  const { job } = order;
  const variables: Readonly<Record<string, string | undefined>> = {
    MURMUR8_RUN_ID: order.runId,
    MURMUR8_ANSWER: order.answerFile,
    MURMUR8_OUTPUT: order.outputFile,
    MURMUR8_STAGE: job.stage,
    MURMUR8_JOB: job.kind,
    MURMUR8_PIPELINE: job.pipeline,
    MURMUR8_TASK: job.task,
    MURMUR8_ENVIRONMENT: job.environment,
    MURMUR8_ITEM: job.item,
    MURMUR8_FRAME: job.frame === undefined ? undefined : String(job.frame),
    // The process marker has the name without NUMBER.
    MURMUR8_ATTEMPT_NUMBER: job.frame === undefined ? undefined : String(order.attempt),
    MURMUR8_STRATEGY: job.strategy,
    MURMUR8_FINDINGS: findingsVariable(job.findings),
    MURMUR8_SLUG: job.slug,
    MURMUR8_FEATURE_ID: job.featureId,
    MURMUR8_BRIEF: job.briefPath,
    MURMUR8_STEP: job.step === undefined ? undefined : String(job.step),
  };
  const own = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined || !fitsIntoAnEnvironment(value) ? [] : [[name, value] as const],
  );
  const ofStage = Object.entries(order.env ?? {}).filter(([name]) => !Object.hasOwn(variables, name));
  return Object.fromEntries([...ofStage, ...own]);
}

/** The system refuses to start a program with a NUL in a variable, or with one that is too long. The prompt has it all. */
const LONGEST_VALUE = 32_000;

function fitsIntoAnEnvironment(value: string): boolean {
  return value !== '' && value.length <= LONGEST_VALUE && !value.includes('\0');
}
