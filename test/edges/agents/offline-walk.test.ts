import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../src/core/agent/event.ts';
import { jobEnvironment } from '../../../src/edges/agents/job-environment.ts';
import { createOfflineAgent } from '../../../src/edges/agents/offline.ts';
import type { AgentJob, AgentOrder } from '../../../src/engine/ports.ts';

let base: string;
let root: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'murmur8-walk-'));
  root = join(base, 'project');
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function orderFor(job: Partial<AgentJob>, more: Partial<AgentOrder> = {}): AgentOrder {
  return {
    runId: 'run-1',
    attempt: 1,
    agent: 'deployer',
    instructions: '',
    prompt: '',
    cwd: root,
    timeoutMs: 1000,
    stallTimeoutMs: 1000,
    answerFile: join(base, 'attempt/answer.json'),
    outputFile: join(base, 'attempt/output'),
    logFile: join(base, 'attempt/log'),
    scratchDir: join(base, 'attempt'),
    homeDir: join(base, 'attempt'),
    ...more,
    job: {
      kind: 'work',
      stage: 'deploy',
      pipeline: 'cd',
      slug: '',
      featureId: '',
      briefPath: '',
      findings: [],
      withStories: false,
      ...job,
    },
  };
}

async function walk(job: Partial<AgentJob>, signal = new AbortController().signal) {
  const events: AgentEvent[] = [];
  const outcome = await createOfflineAgent().run(orderFor(job), (event) => events.push(event), signal);
  return { outcome, events };
}

const outputs = (): string => readFileSync(join(base, 'attempt/output'), 'utf8');

describe('the offline runner in a stage that is not of the feature pipeline', () => {
  it('says what it was asked and that it did nothing', async () => {
    const { outcome, events } = await walk({ task: 'Deploy to staging' });
    expect(outcome).toMatchObject({ outcome: 'ok', text: expect.stringContaining('nothing was changed') });
    expect(events).toContainEqual({ type: 'message', text: 'was asked as deployer: Deploy to staging' });
    expect(events.some((event) => event.type === 'file')).toBe(false);
    expect(existsSync(join(base, 'attempt/output'))).toBe(false);
  });

  it('gives each declared output a value that nobody takes for a real one', async () => {
    await walk({ outputs: ['release', 'url'] });
    expect(outputs()).toBe('release=offline-deploy-release\nurl=offline-deploy-url\n');
  });

  it('leaves a placeholder for a file that has to be there, and says so in the file and as an event', async () => {
    const { outcome, events } = await walk({ produces: ['reports/a.md'] });
    expect(readFileSync(join(root, 'reports/a.md'), 'utf8')).toMatch(
      /^placeholder made by the offline runner/,
    );
    expect(events).toContainEqual({ type: 'file', path: 'reports/a.md', kind: 'create' });
    expect(outcome.text).toContain('1 placeholder file');
  });

  it('keeps what is there, and makes up no file for a pattern', async () => {
    writeFileSync(join(root, 'CHANGELOG.md'), 'mine\n');
    mkdirSync(join(root, 'dist'));
    const { outcome, events } = await walk({
      produces: ['CHANGELOG.md', 'dist', 'out/**', '*.tgz', 'site/'],
    });
    expect(outcome.outcome).toBe('ok');
    expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toBe('mine\n');
    expect(events.filter((event) => event.type === 'file')).toEqual([]);
    expect(existsSync(join(root, 'out'))).toBe(false);
    expect(existsSync(join(root, 'site'))).toBe(false);
  });

  it('writes no placeholder outside of the project', async () => {
    const { outcome } = await walk({ produces: ['../elsewhere.md'] });
    expect(outcome.outcome).toBe('unavailable');
    expect(existsSync(join(base, 'elsewhere.md'))).toBe(false);
  });

  it('does not claim to have undone a stage', async () => {
    const { outcome, events } = await walk({ kind: 'undo', outputs: ['release'], produces: ['a.md'] });
    expect(outcome).toMatchObject({ outcome: 'ok', text: expect.stringContaining('not undone') });
    expect(events.some((event) => event.type === 'file')).toBe(false);
    expect(existsSync(join(base, 'attempt/output'))).toBe(false);
  });

  it('lets an audited result pass, and says that nobody looked', async () => {
    const { outcome, events } = await walk({ kind: 'audit', produces: ['a.md'] });
    expect(outcome).toMatchObject({ outcome: 'ok', text: expect.stringContaining('nobody looked') });
    expect(events.some((event) => event.type === 'file')).toBe(false);
    expect(JSON.parse(readFileSync(orderFor({}).answerFile, 'utf8'))).toEqual({
      verdict: 'approved',
      findings: [expect.stringContaining('nobody looked')],
    });
  });

  it('walks through a stage that only has the name of one of the feature pipeline', async () => {
    const { outcome, events } = await walk({ stage: 'alex', outputs: ['x'] });
    expect(outcome.outcome).toBe('ok');
    expect(outputs()).toBe('x=offline-alex-x\n');
    expect(events.some((event) => event.type === 'file')).toBe(false);
  });

  it('gives nothing when it was cancelled before', async () => {
    const { outcome } = await walk({ outputs: ['release'] }, AbortSignal.abort());
    expect(outcome.outcome).toBe('cancelled');
    expect(existsSync(join(base, 'attempt/output'))).toBe(false);
  });
});

describe('the variables of a job', () => {
  it('say what a stage of a pipeline is about, and leave out what does not apply', () => {
    const order = orderFor({ task: 'Deploy', environment: 'staging', item: 'eu' });
    expect(jobEnvironment(order)).toEqual({
      MURMUR8_RUN_ID: 'run-1',
      MURMUR8_ANSWER: order.answerFile,
      MURMUR8_OUTPUT: order.outputFile,
      MURMUR8_STAGE: 'deploy',
      MURMUR8_JOB: 'work',
      MURMUR8_PIPELINE: 'cd',
      MURMUR8_TASK: 'Deploy',
      MURMUR8_ENVIRONMENT: 'staging',
      MURMUR8_ITEM: 'eu',
    });
  });

  it('say what a feature run is about', () => {
    const { outputFile: _, ...order } = orderFor({
      stage: 'codey-implement',
      slug: 'greeting',
      featureId: 'id',
      briefPath: 'brief.md',
      step: 2,
    });
    const { pipeline: __, ...job } = order.job;
    expect(jobEnvironment({ ...order, job })).toEqual({
      MURMUR8_RUN_ID: 'run-1',
      MURMUR8_ANSWER: order.answerFile,
      MURMUR8_STAGE: 'codey-implement',
      MURMUR8_JOB: 'work',
      MURMUR8_SLUG: 'greeting',
      MURMUR8_FEATURE_ID: 'id',
      MURMUR8_BRIEF: 'brief.md',
      MURMUR8_STEP: '2',
    });
  });

  it('hold those of the stage, which never stand for one of ours, not even an absent one', () => {
    const env = { REGION: 'eu', MURMUR8_STAGE: 'other', MURMUR8_SLUG: 'other' };
    const variables = jobEnvironment(orderFor({}, { env }));
    expect(variables).toMatchObject({ REGION: 'eu', MURMUR8_STAGE: 'deploy' });
    expect(variables).not.toHaveProperty('MURMUR8_SLUG');
  });

  it('leave out a task with which no program could be started', () => {
    expect(jobEnvironment(orderFor({ task: 'a\0b' }))).not.toHaveProperty('MURMUR8_TASK');
    expect(jobEnvironment(orderFor({ task: 'x'.repeat(200_000) }))).not.toHaveProperty('MURMUR8_TASK');
  });
});
