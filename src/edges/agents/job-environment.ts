import type { AgentOrder } from '../../engine/ports.ts';

/** What the job is about, as variables: for runners that do not read prose, and for scripts that an agent calls. */
export function jobEnvironment(order: AgentOrder): Readonly<Record<string, string>> {
  const { job } = order;
  return {
    MURMUR8_RUN_ID: order.runId,
    MURMUR8_ANSWER: order.answerFile,
    MURMUR8_STAGE: job.stage,
    MURMUR8_JOB: job.kind,
    MURMUR8_SLUG: job.slug,
    MURMUR8_FEATURE_ID: job.featureId,
    MURMUR8_BRIEF: job.briefPath,
    ...(job.step === undefined ? {} : { MURMUR8_STEP: String(job.step) }),
  };
}
