import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../src/core/pipeline/duration.ts';
import { parsePipeline, readPipeline } from '../../../src/core/pipeline/parse.ts';
import { accepted, errorsOf, stages, told } from './reading.ts';

describe('a duration', () => {
  test.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '30', '0', '0s', '0h0m', 'banana', '1.5h', '-1s', '1h ', '30 m', '1w', '1h2'])(
    '%j is none, also in a file',
    async (text) => {
      expect(parseDuration(text)).toBeUndefined();
      expect(await errorsOf(stages(`{name: a, run: x, timeout: "${text}"}`))).toEqual([
        `3:32 "${text}" is no duration <"${text}">`,
      ]);
    },
  );

  test('is no longer than a century, so that every deadline is a time', async () => {
    expect(parseDuration('36500d')).toBe(36_500 * 86_400_000);
    expect(parseDuration('36500d1s')).toBeUndefined();
    expect(await errorsOf(stages('{name: a, run: x, timeout: 36501d}'))).toEqual([
      '3:32 "36501d" is too long a time <36501d>',
    ]);
  });
});

const SEED_PIPELINE = `name: feature-complete
description: Full deployment pipeline after feature merge
version: 1

triggers:
  - event: pull_request.merged
    branches: [main]

variables:
  environment: staging

stages:
  - name: validate
    agent: regression-tester
    task: "Run full test suite"
    timeout: 30m
    on_failure: halt

  - name: security-scan
    agent: security-scanner
    task: "Run security analysis"
    parallel_with: validate
    on_failure: halt

  - name: deploy-staging
    agent: deployer
    task: "Deploy to \${environment}"
    environment: staging
    depends_on: [validate, security-scan]

  - name: smoke-test
    agent: smoke-tester
    task: "Run smoke tests on staging"
    depends_on: deploy-staging
    on_failure: rollback
    rollback_to: deploy-staging

  - name: deploy-prod
    agent: deployer
    task: "Deploy to production"
    environment: production
    requires_approval: true
    approvers: [team-lead, devops]
    depends_on: smoke-test
`;

const SEED_CONDITIONS = `stages:
  - name: deploy-docs
    when:
      paths: ["docs/**", "README.md"]
    agent: doc-deployer

  - name: full-test
    when:
      labels: ["needs-full-test"]
      or:
        paths: ["src/core/**"]
`;

describe('the examples of the seed are accepted word for word:', () => {
  test('the deployment after a merge', async () => {
    const { pipeline, problems } = await readPipeline(SEED_PIPELINE, 'p.yaml');
    expect(problems).toEqual([]);
    expect(pipeline).toEqual({
      name: 'feature-complete',
      description: 'Full deployment pipeline after feature merge',
      version: 1,
      triggers: [{ event: ['pull_request.merged'], branches: ['main'] }],
      variables: { environment: 'staging' },
      maxParallel: 4,
      limits: {},
      closing: 'none',
      stages: [
        agentStage('validate', 'regression-tester', 'Run full test suite', []),
        agentStage('security-scan', 'security-scanner', 'Run security analysis', []),
        {
          ...agentStage('deploy-staging', 'deployer', 'Deploy to ${environment}', [
            'validate',
            'security-scan',
          ]),
          environment: 'staging',
        },
        {
          ...agentStage('smoke-test', 'smoke-tester', 'Run smoke tests on staging', ['deploy-staging']),
          onFailure: 'rollback',
          rollbackTo: 'deploy-staging',
        },
        {
          ...agentStage('deploy-prod', 'deployer', 'Deploy to production', ['smoke-test']),
          environment: 'production',
          approval: {
            approvers: ['team-lead', 'devops'],
            quorum: 'all',
            timeoutMs: 86_400_000,
            onTimeout: 'reject',
            preventSelfApproval: false,
          },
        },
      ],
    });
  });

  test('the conditions, with a name and a default agent', async () => {
    const text = `name: docs\ndefaults: {agent: tester}\n${SEED_CONDITIONS}`;
    expect(await told(text)).toEqual([
      '4:11 warning: stage "deploy-docs" has no task <deploy-docs>',
      '9:11 warning: stage "full-test" has no task <full-test>',
    ]);
    const { stages: read } = await accepted(text);
    expect(read.map(({ work, when }) => [work, when])).toEqual([
      [{ kind: 'agent', agent: 'doc-deployer' }, { path: ['docs/**', 'README.md'] }],
      [
        { kind: 'agent', agent: 'tester' },
        { label: ['needs-full-test'], or: [{ path: ['src/core/**'] }] },
      ],
    ]);
  });
});

function agentStage(name: string, agent: string, task: string, needs: string[]) {
  return {
    name,
    needs,
    work: { kind: 'agent', agent, task },
    timeoutMs: 1_800_000,
    retries: 0,
    repairs: 2,
    onFailure: 'halt',
  };
}

describe('a definition', () => {
  test('that ships for features keeps its order and its retries', async () => {
    const file = fileURLToPath(
      new URL('../../../.blueprint/pipelines/implement-feature.yaml', import.meta.url),
    );
    const pipeline = await accepted(readFileSync(file, 'utf8'));
    expect(pipeline.stages.map(({ name, retries, repairs }) => [name, retries, repairs])).toEqual([
      ['alex', 2, 2],
      ['cass', 2, 2],
      ['nigel', 2, 2],
      ['codey-plan', 2, 2],
      ['codey-implement', 2, 2],
    ]);
    expect(pipeline.closing).toBe('commit');
  });

  test('gets the defaults of a command', async () => {
    expect((await accepted(stages('{name: a, run: make}'))).stages).toEqual([
      {
        name: 'a',
        needs: [],
        work: { kind: 'command', run: 'make' },
        timeoutMs: 1_800_000,
        retries: 0,
        repairs: 0,
        onFailure: 'halt',
      },
    ]);
  });

  test('keeps everything that a stage can say', async () => {
    const { stages: read } = await accepted(`
name: p
variables: {target: eu}
defaults: {agent: someone, model: big, timeout: 5m, retries: 1, on_failure: continue}
stages:
  - name: build
    run: make
    outputs: [version, digest]
    rollback: {run: make clean, timeout: 1m}
  - name: deploy
    task: Deploy \${stages.build.outputs.version} to \${target}
    retry: {max: 3, delay: 5s, factor: 3, max_delay: 2m, jitter: 0, on: [1, timeout, AGENT_CRASHED]}
    on_failure: rollback
    rollback_to: build
    rollback: {task: take it back, agent: undoer}
    requires_approval: true
    approvers: [ann, bob]
    quorum: any
    approval_timeout: 2h
    approval_default: approve
    prevent_self_approval: true
    environment: production
    env: {LEVEL: "3", REGION: "\${target}"}
    working_directory: services/api
    produces: dist/**
    foreach: [a, b]
    dependency: kubectl
    model: small
`);
    expect(read[1]).toEqual({
      name: 'deploy',
      needs: ['build'],
      work: {
        kind: 'agent',
        agent: 'someone',
        task: 'Deploy ${stages.build.outputs.version} to ${target}',
        model: 'small',
      },
      timeoutMs: 300_000,
      retries: 3,
      retry: {
        delayMs: 5000,
        factor: 3,
        maxDelayMs: 120_000,
        jitter: 0,
        on: [1, 'timeout', 'AGENT_CRASHED'],
      },
      repairs: 2,
      onFailure: 'rollback',
      rollbackTo: 'build',
      rollback: {
        work: { kind: 'agent', agent: 'undoer', task: 'take it back', model: 'big' },
        timeoutMs: 1_800_000,
      },
      approval: {
        approvers: ['ann', 'bob'],
        quorum: 'any',
        timeoutMs: 7_200_000,
        onTimeout: 'approve',
        preventSelfApproval: true,
      },
      environment: 'production',
      env: { LEVEL: '3', REGION: '${target}' },
      workingDirectory: 'services/api',
      produces: ['dist/**'],
      foreach: ['a', 'b'],
      dependency: 'kubectl',
    });
    expect(read[0]).toMatchObject({
      outputs: ['version', 'digest'],
      onFailure: 'continue',
      retries: 1,
      rollback: { work: { kind: 'command', run: 'make clean' }, timeoutMs: 60_000 },
    });
  });

  test('keeps everything that a pipeline can say', async () => {
    const pipeline = await accepted(`
name: p
version: 3
triggers:
  - {event: [push, tag], branch: main, path: "src/**", label: go, forks: true}
  - schedule: {cron: "30 4 * * 1-5", timezone: Europe/Berlin, catch_up: once}
  - schedule: {cron: "@daily"}
concurrency: {group: "deploy-\${branch}", cancel_in_progress: true}
max_parallel: 8
limits: {max_duration: 2h}
stages: [{name: a, run: x}]
`);
    expect(pipeline).toMatchObject({
      version: 3,
      triggers: [
        { event: ['push', 'tag'], branches: ['main'], paths: ['src/**'], labels: ['go'], forks: true },
        { schedule: { cron: '30 4 * * 1-5', timezone: 'Europe/Berlin', catchUp: 'once' } },
        { schedule: { cron: '@daily', timezone: 'UTC', catchUp: 'skip' } },
      ],
      concurrency: { group: 'deploy-${branch}', cancelInProgress: true },
      maxParallel: 8,
      limits: { maxDurationMs: 7_200_000 },
    });
  });

  test('has the values of its variables as they are written', async () => {
    const { variables, stages: read } = await accepted(
      'name: p\nvariables: {a: 1.0, b: 0x1F, c: True, d: yes, e: "", f: 1e3}\nstages:\n  - {name: s, run: x, env: {A: 007, B: false}, when: {variable: {a: 1.0, c: [True, 2.50]}}}\n',
    );
    expect(variables).toEqual({ a: '1.0', b: '0x1F', c: 'True', d: 'yes', e: '', f: '1e3' });
    expect(read[0]).toMatchObject({
      env: { A: '007', B: 'false' },
      when: { variable: { a: '1.0', c: ['True', '2.50'] } },
    });
  });

  test('may hold keys of one’s own everywhere, and anchors among them', async () => {
    const { stages: read } = await accepted(`
x-common: &common {run: make, timeout: 5m, x-why: because}
name: p
stages:
  - name: a
    run: make
    x-owner: {team: core}
    when: {x-note: n, branch: main}
  - parallel: [{name: b, run: y, env: &env {A: "1"}}, {name: c, run: z, env: *env}]
    x-note: together
`);
    expect(read.map(({ name, when, env }) => [name, when, env])).toEqual([
      ['a', { branch: ['main'] }, undefined],
      ['b', undefined, { A: '1' }],
      ['c', undefined, { A: '1' }],
    ]);
  });

  test('has the condition of a group at all of its stages, beside their own', async () => {
    const { stages: read } = await accepted(
      'name: p\nstages:\n  - when: {branch: main}\n    name: g\n    parallel: [{name: a, run: x}, {name: b, run: x, when: {not: {label: [x]}}}]\n',
    );
    expect(read.map(({ group, when }) => [group, when])).toEqual([
      ['g', { branch: ['main'] }],
      ['g', { and: [{ branch: ['main'] }, { not: [{ label: ['x'] }] }] }],
    ]);
  });

  test('falls back to the configured agent', async () => {
    const { stages: read } = await accepted(stages('{name: a, task: t}'), { defaultAgent: 'codey' });
    expect(read[0]?.work).toEqual({ kind: 'agent', agent: 'codey', task: 't' });
  });
});

describe('the thin form', () => {
  test('answers with the definition', async () => {
    expect(await parsePipeline(stages('{name: a, run: x}'), 'p.yaml')).toMatchObject({
      ok: true,
      value: { name: 'p' },
    });
  });

  test('joins all errors into one problem at the first place', async () => {
    expect(
      await parsePipeline(stages('{name: a, run: x, timeout: 5}', '{name: b, rum: x}'), 'p.yaml'),
    ).toEqual({
      ok: false,
      error: {
        code: 'SYS_MANIFEST_INVALID',
        message:
          '5 is no duration (line 3); stage "b" names neither an agent nor a command (line 4); unknown key "rum" (line 4)',
        file: 'p.yaml',
        line: 3,
        column: 32,
        hint: 'correct the file, then run the same command again',
      },
    });
  });
});
