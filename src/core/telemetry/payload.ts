import { repositoryWithoutCredentials } from './endpoint.ts';
import type { TelemetryPayload } from './payload-schema.ts';
import type { RunData, RunDataStage, RunIdentity } from './run-data.ts';

/** Version of the payload's form; receivers branch on it. */
export const PAYLOAD_SCHEMA_VERSION = 1 as const;

/**
 * The event that is sent for one run (seed 004, story payload-send AC-1 to AC-4). Artifacts pass through as they
 * are: whoever calls has compressed them. Feedback without content is left out; what is unknown stays absent.
 */
export function buildPayload(data: RunData): TelemetryPayload {
  return withoutAbsent({
    schemaVersion: PAYLOAD_SCHEMA_VERSION,
    runId: data.runId,
    featureId: data.featureId,
    featureSlug: data.slug,
    status: data.status === 'failed' ? ('failure' as const) : data.status,
    startedAt: data.startedAt,
    completedAt: data.completedAt,
    durationMs: data.totalDurationMs,
    stages: namedStages(data.stages ?? {}),
    failedStage: data.failedStage ?? undefined,
    identity: safeIdentity(data.identity ?? {}),
    feedback: isEmpty(data.feedback) ? undefined : data.feedback,
    artifacts: data.artifacts,
    // The form that receivers of 4.x know.
    run: withoutAbsent({
      featureId: data.featureId,
      slug: data.slug,
      status: data.status,
      startedAt: data.startedAt,
      completedAt: data.completedAt,
      totalDurationMs: data.totalDurationMs,
      stages: data.stages ?? {},
    }),
  });
}

/** A made-up run by which `telemetry-config --test` tries the endpoint; receivers know it by its slug. */
export function pingPayload(input: { runId: string; featureId: string; at: string; version: string }) {
  return buildPayload({
    runId: input.runId,
    featureId: input.featureId,
    slug: 'telemetry-test',
    status: 'success',
    startedAt: input.at,
    completedAt: input.at,
    totalDurationMs: 0,
    stages: {},
    identity: { version: input.version },
    artifacts: {},
  });
}

function namedStages(stages: Readonly<Record<string, RunDataStage>>): TelemetryPayload['stages'] {
  const named: TelemetryPayload['stages'] = {};
  for (const [name, stage] of Object.entries(stages)) {
    named[name] = withoutAbsent({
      name,
      status: stage.status,
      startedAt: stage.startedAt,
      completedAt: stage.completedAt,
      durationMs: stage.durationMs,
      attempts: stage.attempts,
      tokens: stage.tokens,
      cost: stage.cost,
    });
  }
  return named;
}

function safeIdentity(identity: RunIdentity): TelemetryPayload['identity'] {
  return withoutAbsent({
    gitUser: identity.gitUser,
    gitEmail: identity.gitEmail,
    repoUrl: identity.repoUrl === undefined ? undefined : repositoryWithoutCredentials(identity.repoUrl),
    orgId: identity.orgId,
    version: identity.version,
  });
}

function isEmpty(feedback: unknown): boolean {
  if (typeof feedback !== 'object' || feedback === null) return true;
  return Object.keys(feedback).length === 0;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutAbsent<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Present<T>;
}
