import { expect, test } from 'vitest';
import type { Pipeline } from '../../../src/core/pipeline/definition.ts';
import { dryRun } from '../../../src/core/record/dry-run.ts';
import type { RunCreated } from '../../../src/core/run/event.ts';
import { dryRunContract } from '../../../src/interfaces/contract/dry-run.ts';
import { aPipeline, aStage, created, settings } from '../../rig/run-builder.ts';

function planOf(pipeline: Pipeline, different: Partial<RunCreated> = {}) {
  const plan = dryRun({
    created: created(pipeline, different),
    defaultApprovers: ['owner'],
    mask: (text) => text.replaceAll('hush', '***'),
  });
  return dryRunContract.parse(plan);
}

test('fills in variables that are known, leaves what is not, and masks secrets', () => {
  const [build, deploy] = planOf(
    aPipeline(
      [
        aStage('build', { outputs: ['version'] }),
        aStage('deploy', {
          needs: ['build'],
          environment: 'staging',
          work: {
            kind: 'agent',
            agent: 'deployer',
            task: '${target} ${stages.build.outputs.version} ${stage.environment} ${run.id} ${key} $${x}',
          },
        }),
      ],
      { variables: { target: 'here', key: 'hush' } },
    ),
    { variables: { target: 'there' } },
  ).stages;
  expect(build).toMatchObject({ step: 1, would: 'run' });
  expect(deploy?.work).toBe('there ${stages.build.outputs.version} staging ${run.id} *** ${x}');
});

test('goes through gates and frames, and says who would be asked', () => {
  const approval = {
    quorum: 'all',
    timeoutMs: 1000,
    onTimeout: 'reject',
    preventSelfApproval: false,
  } as const;
  const { stages } = planOf(
    aPipeline([
      aStage('named', { approval: { ...approval, approvers: ['ann', 'bob'] } }),
      aStage('unnamed', { needs: ['named'], foreach: ['a', 'b'], approval: { ...approval, approvers: [] } }),
    ]),
  );
  expect(stages.map(({ would, approval: gate }) => [would, gate?.approvers, gate?.quorum])).toEqual([
    ['run', ['ann', 'bob'], 2],
    ['run', ['owner'], 1],
  ]);
});

test('tells of frames, audits, strategies, stop conditions and the export, filled in and masked', () => {
  const run = (line: string) => ({ kind: 'command', run: line }) as const;
  const plan = planOf(
    aPipeline(
      [
        aStage('draw', {
          work: run('./draw ${item}'),
          foreach: '${manifest}.json',
          maxParallel: 2,
          audit: { work: run('./audit ${key} ${item}'), timeoutMs: 5 },
          retry: {
            delayMs: 0,
            factor: 1,
            maxDelayMs: 0,
            jitter: 0,
            strategies: [{ name: 'SNAP' }, { name: 'LOCK', task: 'as ${manifest}' }],
          },
          limits: { consecutiveFails: 3 },
          dependency: 'painter',
        }),
      ],
      {
        variables: { manifest: 'frames', key: 'hush' },
        limits: { retryRate: 0.5, maxAttempts: 18 },
        export: {
          location: 'out/${run.id}',
          files: ['*.png'],
          validate: './check ${manifest}',
          timeoutMs: 7,
        },
      },
    ),
    { settings: settings({ limits: { maxAttempts: 30, maxDurationMs: 1000 } }) },
  );
  expect(plan.limits).toEqual({ retry_rate: 0.5, max_attempts: 30, max_duration_ms: 1000 });
  expect(plan.stages[0]).toMatchObject({
    work: './draw ${item}',
    foreach: 'frames.json',
    max_parallel: 2,
    audit: { agent_id: null, work: './audit *** ${item}', timeout_ms: 5 },
    strategies: [
      { name: 'SNAP', task: null },
      { name: 'LOCK', task: 'as frames' },
    ],
    limits: { consecutive_fails: 3 },
    dependency: 'painter',
  });
  expect(plan.export).toEqual({
    location: 'out/${run.id}',
    run: null,
    files: ['*.png'],
    validate: './check frames',
    timeout_ms: 7,
    dependency: null,
  });
});

test('skips what follows from a skipped stage alone, not what has another way to it', () => {
  const { stages } = planOf(
    aPipeline([
      aStage('a', { when: { branch: ['main'] } }),
      aStage('b'),
      aStage('only-a', { needs: ['a'] }),
      aStage('both', { needs: ['a', 'b'] }),
    ]),
    { facts: { branch: 'dev' } },
  );
  expect(Object.fromEntries(stages.map(({ stage_name, reason_code }) => [stage_name, reason_code]))).toEqual({
    a: 'WHEN_FALSE',
    b: null,
    'only-a': 'UPSTREAM_SKIPPED',
    both: null,
  });
});

test('is linear enough for a thousand stages', () => {
  const stages = Array.from({ length: 1000 }, (_, index) =>
    aStage(`s${index}`, { needs: index === 0 ? [] : [`s${index - 1}`] }),
  );
  expect(planOf(aPipeline(stages)).stages.at(-1)).toMatchObject({ step: 1000, would: 'run' });
});
