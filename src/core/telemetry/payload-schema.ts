import * as z from 'zod';

const time = z.iso.datetime().describe('ISO 8601, UTC, with milliseconds');
const milliseconds = z.number().nonnegative();

const stage = z
  .looseObject({
    name: z.string(),
    status: z.string().describe('the word of the history entry'),
    startedAt: time.optional(),
    completedAt: time.optional(),
    durationMs: milliseconds.optional(),
    attempts: z.number().int().nonnegative().optional(),
    tokens: z.record(z.string(), z.number().nonnegative()).optional(),
    cost: z.number().nonnegative().optional().describe('US dollars'),
  })
  .describe('one executed stage');

/** The one description of what is sent (seed 004, story payload-send). Fields are added, never changed in meaning. */
export const telemetryPayloadSchema = z.looseObject({
  schemaVersion: z.literal(1),
  runId: z
    .uuid()
    .describe('UUID v4, another one for every run; receivers may use it to drop a repeated delivery'),
  featureId: z.uuid().describe('UUID v4, the same for every run of a feature'),
  featureSlug: z.string(),
  status: z.enum(['success', 'failure', 'paused']),
  startedAt: time,
  completedAt: time,
  durationMs: milliseconds,
  stages: z.record(z.string(), stage),
  failedStage: z.string().optional(),
  identity: z.looseObject({
    gitUser: z.string().optional(),
    gitEmail: z.string().optional(),
    repoUrl: z.string().optional().describe('without credentials'),
    orgId: z.string().optional(),
    version: z.string().optional().describe('version of murmur8'),
  }),
  feedback: z.record(z.string(), z.unknown()).optional(),
  artifacts: z
    .record(z.string(), z.base64())
    .optional()
    .describe('file name to base64 of the gzip-compressed content'),
  run: z
    .looseObject({
      featureId: z.uuid(),
      slug: z.string(),
      status: z.enum(['success', 'failed', 'paused']),
      startedAt: time,
      completedAt: time,
      totalDurationMs: milliseconds,
      stages: z.record(z.string(), z.looseObject({ status: z.string() })),
    })
    .describe('the same run in the form of murmur8 4.x'),
});

export type TelemetryPayload = z.infer<typeof telemetryPayloadSchema>;

/** The payload as JSON Schema (2020-12), for receivers. */
export function telemetryJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(telemetryPayloadSchema), title: 'murmur8 telemetry payload' };
}
