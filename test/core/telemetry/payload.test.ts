import { describe, expect, test } from 'vitest';
import { buildPayload, pingPayload } from '../../../src/core/telemetry/payload.ts';
import { telemetryJsonSchema, telemetryPayloadSchema } from '../../../src/core/telemetry/payload-schema.ts';
import { aRun } from '../../rig/receiver-run.ts';

describe('story payload-send', () => {
  test('AC-1: the payload holds the identity of the run and its times', () => {
    const run = aRun();
    expect(buildPayload(run)).toMatchObject({
      schemaVersion: 1,
      runId: run.runId,
      featureId: run.featureId,
      featureSlug: 'user-auth',
      status: 'success',
      startedAt: run.startedAt,
      completedAt: run.completedAt,
      durationMs: 300_000,
    });
  });

  test.each([
    ['success', 'success'],
    ['failed', 'failure'],
    ['paused', 'paused'],
  ] as const)('AC-1: a run that ended %s is sent as %s, and with its own word under run', (status, sent) => {
    const payload = buildPayload(aRun({ status }));
    expect([payload.status, payload.run.status]).toEqual([sent, status]);
  });

  test('AC-2: every executed stage is there with name, status and duration', () => {
    const payload = buildPayload(
      aRun({
        stages: {
          alex: {
            status: 'success',
            durationMs: 5,
            attempts: 2,
            tokens: { input: 3, output: 4 },
            cost: 0.25,
          },
          cass: { status: 'failed', durationMs: 7 },
        },
        failedStage: 'cass',
      }),
    );
    expect(payload.stages).toEqual({
      alex: {
        name: 'alex',
        status: 'success',
        durationMs: 5,
        attempts: 2,
        tokens: { input: 3, output: 4 },
        cost: 0.25,
      },
      cass: { name: 'cass', status: 'failed', durationMs: 7 },
    });
    expect(payload.failedStage).toBe('cass');
  });

  test('AC-3: artifacts pass through as they were handed over', () => {
    const artifacts = { 'FEATURE_SPEC.md': 'H4sI', 'story-a.md': 'H4sJ' };
    expect(buildPayload(aRun({ artifacts })).artifacts).toEqual(artifacts);
  });

  test.each([[undefined], [{}]])('AC-4: without feedback the block is absent (%j)', (feedback) => {
    const run = feedback === undefined ? aRun() : aRun({ feedback });
    expect(Object.keys(buildPayload(run))).not.toContain('feedback');
  });

  test('AC-4: feedback that is there is sent', () => {
    expect(buildPayload(aRun({ feedback: { cass: { rating: 4 } } })).feedback).toEqual({
      cass: { rating: 4 },
    });
  });
});

test('receivers of the 4.x form find the same run under run', () => {
  const run = aRun({ status: 'failed' });
  expect(buildPayload(run).run).toEqual({
    featureId: run.featureId,
    slug: 'user-auth',
    status: 'failed',
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    totalDurationMs: 300_000,
    stages: run.stages,
  });
});

test('the identity is sent without the credentials of the repository, and absent where unknown', () => {
  const identity = { gitUser: 'Ada', repoUrl: 'https://ada:hunter2@git.example.com/x.git', version: '5.0.0' };
  expect(buildPayload(aRun({ identity })).identity).toEqual({
    gitUser: 'Ada',
    repoUrl: 'https://git.example.com/x.git',
    version: '5.0.0',
  });
  expect(buildPayload(aRun()).identity).toEqual({});
});

test('an absent field stays absent instead of null', () => {
  const payload = buildPayload(aRun({ failedStage: null }));
  expect(Object.keys(payload)).not.toContain('failedStage');
});

test('every payload that is built is one by the published schema', () => {
  const full = aRun({
    status: 'paused',
    feedback: { alex: { rating: 5 } },
    identity: {
      gitUser: 'A',
      gitEmail: 'a@example.com',
      repoUrl: 'git@example.com:a/b.git',
      orgId: 'o',
      version: '5',
    },
    artifacts: { 'FEATURE_SPEC.md': 'H4sIAAAAAAAAAwMAAAAAAAAAAAA=' },
  });
  expect(telemetryPayloadSchema.safeParse(buildPayload(full)).error).toBeUndefined();
  const ping = pingPayload({
    runId: full.runId,
    featureId: full.featureId,
    at: full.startedAt,
    version: '5',
  });
  expect(telemetryPayloadSchema.safeParse(ping).error).toBeUndefined();
});

test('the schema refuses a payload without an id and one of another version', () => {
  const payload = buildPayload(aRun({ artifacts: {} }));
  expect(telemetryPayloadSchema.safeParse({ ...payload, runId: undefined }).success).toBe(false);
  expect(telemetryPayloadSchema.safeParse({ ...payload, schemaVersion: 2 }).success).toBe(false);
});

test('the JSON Schema names every required field', () => {
  expect(telemetryJsonSchema()).toMatchObject({
    type: 'object',
    required: expect.arrayContaining([
      'schemaVersion',
      'runId',
      'featureId',
      'featureSlug',
      'status',
      'stages',
      'run',
    ]),
  });
});
