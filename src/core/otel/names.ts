import type { RunMetrics } from '../status/run-status.ts';

/**
 * Every name under which something leaves as a span, in this one place, because the conventions still move:
 * OpenTelemetry CI/CD (release candidate) and GenAI (development), and our own under `murmur8.`.
 */
export const NAME = {
  pipeline: 'cicd.pipeline.name',
  pipelineAction: 'cicd.pipeline.action.name',
  pipelineRunId: 'cicd.pipeline.run.id',
  pipelineResult: 'cicd.pipeline.result',
  task: 'cicd.pipeline.task.name',
  taskRunId: 'cicd.pipeline.task.run.id',
  taskResult: 'cicd.pipeline.task.run.result',
  branch: 'vcs.ref.head.name',
  branchType: 'vcs.ref.head.type',
  revision: 'vcs.ref.head.revision',
  errorType: 'error.type',
  exitCode: 'murmur8.exit_code',

  operation: 'gen_ai.operation.name',
  agent: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  conversation: 'gen_ai.conversation.id',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  /** In USD. Not in the conventions; several receivers read it. */
  cost: 'gen_ai.usage.cost',

  execution: 'murmur8.execution_id',
  segment: 'murmur8.segment',
  feature: 'murmur8.feature',
  trigger: 'murmur8.trigger',
  event: 'murmur8.trigger.event',
  phase: 'murmur8.phase',
  reason: 'murmur8.reason_code',
  failedStage: 'murmur8.failed_stage',
  tokens: 'murmur8.tokens',
  totalCost: 'murmur8.cost_usd',
  unknownCost: 'murmur8.unknown_cost_attempts',
  stage: 'murmur8.stage',
  frame: 'murmur8.frame_index',
  frames: 'murmur8.frames',
  attempt: 'murmur8.attempt',
  runner: 'murmur8.runner',
  strategy: 'murmur8.strategy',
  outcome: 'murmur8.outcome',
  verdict: 'murmur8.verdict',
  findings: 'murmur8.findings',
  ownerLost: 'murmur8.owner_lost',
  continued: 'murmur8.continued',
  skipReason: 'murmur8.skip_reason',
  auditor: 'murmur8.auditor',
  rollback: 'murmur8.rollback_id',
  rollbackCause: 'murmur8.rollback_cause',
  approval: 'murmur8.approval_id',
  decision: 'murmur8.decision',
  channel: 'murmur8.channel',
  quorum: 'murmur8.quorum',
  deadlineAction: 'murmur8.deadline_action',
  threshold: 'murmur8.threshold',
  actual: 'murmur8.actual_value',
  rated: 'murmur8.rated_stage',
  rating: 'murmur8.rating',
  files: 'murmur8.files',
  validated: 'murmur8.validation_passed',
  link: 'murmur8.link',
} as const;

/** The figures of the whole run so far, on the root span. */
export const METRIC_NAME = {
  total_frames: 'murmur8.total_frames',
  frames_completed: 'murmur8.frames_completed',
  frames_failed: 'murmur8.frames_failed',
  frames_remaining: 'murmur8.frames_remaining',
  total_attempts: 'murmur8.total_attempts',
  retry_rate: 'murmur8.retry_rate',
  reject_rate: 'murmur8.reject_rate',
} as const satisfies Record<keyof RunMetrics, string>;

/** Names of span events. */
export const EVENT = {
  approvalRequested: 'murmur8.approval.requested',
  approvalVoted: 'murmur8.approval.voted',
  approvalDelegated: 'murmur8.approval.delegated',
  approvalClosed: 'murmur8.approval.closed',
  stopCondition: 'murmur8.stop_condition',
  stopRequested: 'murmur8.stop_requested',
  frameFailed: 'murmur8.frame_failed',
  rated: 'murmur8.stage_rated',
  gateAnswered: 'murmur8.gate_answered',
  questionAsked: 'murmur8.question_asked',
  questionAnswered: 'murmur8.question_answered',
  workFailed: 'murmur8.work_failed',
  rollbackStarted: 'murmur8.rollback_started',
  rollbackFinished: 'murmur8.rollback_finished',
  closed: 'murmur8.run_closed',
} as const;

/** Values that the conventions name. */
export const VALUE = { run: 'RUN', invokeAgent: 'invoke_agent', branch: 'branch' } as const;

/** Name of the instrumentation, and the service name where the environment gives none. */
export const SERVICE = 'murmur8';

/** Providers by runner. A runner that is not here stands for itself, as the convention allows. */
const PROVIDERS: Readonly<Record<string, string>> = { claude: 'anthropic' };

export function providerOf(runner: string): string {
  return Object.hasOwn(PROVIDERS, runner) ? (PROVIDERS[runner] ?? runner) : runner;
}
