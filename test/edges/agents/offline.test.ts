import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../src/core/agent/event.ts';
import { checkStage } from '../../../src/core/feature/contract.ts';
import { FEATURE_STAGES, type FeatureStage, featurePaths } from '../../../src/core/feature/paths.ts';
import { DEFAULT_STACK } from '../../../src/core/feature/stack.ts';
import { commandForTests } from '../../../src/core/feature/test-command.ts';
import { judgeGreen, judgeRed } from '../../../src/core/feature/test-judgement.ts';
import { parseTestReport, type TestReport } from '../../../src/core/feature/test-report.ts';
import {
  mappedTestIds,
  parseTestSpecification,
  pendingTestIds,
} from '../../../src/core/feature/test-specification.ts';
import { createOfflineAgent } from '../../../src/edges/agents/offline.ts';
import type { AgentJob, AgentOrder, AgentOutcome } from '../../../src/engine/ports.ts';

const slug = 'greeting';
const featureId = '3f0d6f3e-3d55-4c3e-9d6f-0a6b3c1c2b11';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'murmur8-offline-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const get = (path: string): string => readFileSync(join(root, path), 'utf8');

async function run(
  job: Partial<AgentJob> & { stage: string },
  signal = new AbortController().signal,
): Promise<{ outcome: AgentOutcome; events: AgentEvent[] }> {
  const events: AgentEvent[] = [];
  const order: AgentOrder = {
    runId: 'r',
    attempt: 1,
    agent: job.stage,
    instructions: '',
    prompt: '',
    cwd: root,
    timeoutMs: 1000,
    stallTimeoutMs: 1000,
    answerFile: join(root, '.out/answer.json'),
    logFile: join(root, '.out/log'),
    scratchDir: join(root, '.out'),
    homeDir: join(root, '.out'),
    job: { kind: 'work', slug, featureId, briefPath: 'brief.md', findings: [], withStories: true, ...job },
  };
  const outcome = await createOfflineAgent().run(order, (event) => events.push(event), signal);
  return { outcome, events };
}

function runTests(): TestReport {
  const file = `test/feature_${slug}.test.js`;
  const command = commandForTests(DEFAULT_STACK, { files: [file] });
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const done = spawnSync('/bin/sh', ['-c', command], { cwd: root, env, encoding: 'utf8' });
  return parseTestReport('tap', { stdout: done.stdout, stderr: done.stderr, exitCode: done.status });
}

function mapping() {
  return parseTestSpecification(get(featurePaths(slug).testSpecification));
}

describe('the offline runner', () => {
  it.each(['commonjs', 'module'])(
    'takes a brief through the whole pipeline in a project of type %s',
    async (type) => {
      put('package.json', JSON.stringify({ type }));
      put('brief.md', readFileSync('examples/greeting/brief.md', 'utf8'));
      for (const stage of ['alex', 'cass', 'nigel', 'codey-plan'] as const) {
        expect((await run({ stage })).outcome.outcome).toBe('ok');
      }
      const ids = mappedTestIds(mapping());
      expect(ids).toEqual(['T-1', 'T-2', 'T-3', 'T-4', 'T-5']);
      expect(judgeRed({ report: runTests(), testIds: ids, pendingIds: [] })).toEqual({
        red: ids,
        pending: [],
        alreadyGreen: [],
        findings: [],
      });
      await run({ stage: 'codey-implement', step: 1 });
      expect(judgeGreen({ report: runTests(), testIds: ids, pendingIds: [] })).toEqual({
        passed: ids,
        pending: [],
        failing: [],
        findings: [],
      });
    },
  );

  it('leaves what has no example as a declared pending test', async () => {
    put('brief.md', readFileSync('examples/reminders/brief.md', 'utf8'));
    for (const stage of FEATURE_STAGES) await run({ stage });
    const pendingIds = pendingTestIds(mapping());
    expect(pendingIds).toEqual(['T-3', 'T-4']);
    const green = judgeGreen({ report: runTests(), testIds: mappedTestIds(mapping()), pendingIds });
    expect(green).toEqual({ passed: ['T-1', 'T-2'], pending: ['T-3', 'T-4'], failing: [], findings: [] });
  });

  it('writes a module that throws on everything that is no example', async () => {
    put('package.json', '{"type":"module"}');
    put('brief.md', '- "Ada" → "Hello"\n- "__proto__" → {"__proto__": 1}\n- "x" → "*/ \\u2028 ${1}"');
    for (const stage of FEATURE_STAGES) await run({ stage });
    const script = `import { greeting } from './src/greeting.js';
      const tries = ['Ada', '__proto__', 'x', 'Bob'].map((name) => { try { return greeting(name); } catch (error) { return error.name; } });
      console.log(JSON.stringify(tries));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe('["Hello",{"__proto__":1},"*/ \u2028 ${1}","RangeError"]');
  });

  it('keeps files of others and takes another name for its module', async () => {
    put('brief.md', '- "Ada" → "Hello"');
    put('src/greeting.js', 'mine\n');
    put(featurePaths(slug).handoffAlex, 'by hand\n');
    for (const stage of FEATURE_STAGES) await run({ stage });
    expect(get('src/greeting.js')).toBe('mine\n');
    expect(get(featurePaths(slug).handoffAlex)).toBe('by hand\n');
    expect(existsSync(join(root, 'src/greeting-examples.js'))).toBe(true);
  });

  it('reports what it does as events, without usage, and logs it', async () => {
    put('brief.md', '- a');
    const { outcome, events } = await run({ stage: 'alex' });
    expect(outcome).not.toHaveProperty('usage');
    expect(events[0]).toEqual({ type: 'started' });
    expect(events.filter((event) => event.type === 'file')).toEqual([
      { type: 'file', path: featurePaths(slug).specification, kind: 'create' },
      { type: 'file', path: featurePaths(slug).handoffAlex, kind: 'create' },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'result' });
    expect(get('.out/log')).toContain('outcome: ok');
  });

  it('says plainly that it writes tests for Node projects only', async () => {
    put('brief.md', '- "a" → 1');
    put('go.mod', 'module x\n');
    expect((await run({ stage: 'alex' })).outcome.outcome).toBe('ok');
    const { outcome } = await run({ stage: 'nigel' });
    expect(outcome.outcome).toBe('unavailable');
    expect(outcome.message).toContain('Node projects only');
    expect(outcome.message).toContain('go');
  });

  it('does nothing for a stage it has no rule for, and says so', async () => {
    const { outcome } = await run({ stage: 'deploy' });
    expect(outcome).toMatchObject({ outcome: 'ok', text: expect.stringContaining('nothing was changed') });
  });

  it('writes nothing when it was cancelled before', async () => {
    put('brief.md', '- a');
    const { outcome } = await run({ stage: 'alex' }, AbortSignal.abort());
    expect(outcome.outcome).toBe('cancelled');
    expect(existsSync(join(root, featurePaths(slug).specification))).toBe(false);
  });

  it('does not follow a link out of the project', async () => {
    put('brief.md', '- a');
    const outside = mkdtempSync(join(tmpdir(), 'murmur8-outside-'));
    symlinkSync(outside, join(root, '.blueprint'));
    const { outcome } = await run({ stage: 'alex' });
    expect(outcome.message).toContain('leads out of the project');
    expect(existsSync(join(outside, 'features'))).toBe(false);
    rmSync(outside, { recursive: true });
  });

  it('keeps the contract in a TypeScript project with vitest', async () => {
    put('package.json', JSON.stringify({ devDependencies: { vitest: '4', typescript: '6' } }));
    put('tsconfig.json', '{}');
    put('brief.md', '- "Ada" → "Hello"\n- be kind');
    for (const stage of FEATURE_STAGES) await run({ stage });
    const test = get('test/feature_greeting.test.ts');
    expect(test).toContain("import { expect, test } from 'vitest';");
    expect(test).toContain('test.todo("T-2 be kind");');
    expect(get('src/greeting.ts')).toContain('export function greeting(...input: unknown[]): unknown');
  });
});

describe('its ratings', () => {
  const review = async (stage: FeatureStage): Promise<unknown> => {
    await run({ stage, kind: 'review' });
    return JSON.parse(get('.out/answer.json'));
  };

  it('follow from how much of the brief can be checked', async () => {
    put('brief.md', '- "a" → 1');
    await run({ stage: 'alex' });
    expect(await review('cass')).toEqual({ rating: 5, issues: [], recommendation: 'proceed' });
    put('brief.md', '- "a" → 1\n- x\n- y');
    await run({ stage: 'alex' });
    expect(await review('cass')).toMatchObject({
      rating: 3,
      recommendation: 'proceed',
      issues: [expect.stringContaining('2 of 3')],
    });
  });

  it('ask for a revision when the received work does not keep its contract', async () => {
    put('brief.md', '- "a" → 1');
    await run({ stage: 'alex' });
    rmSync(join(root, featurePaths(slug).handoffAlex));
    expect(await review('cass')).toMatchObject({
      rating: 2,
      recommendation: 'revise',
      issues: [expect.stringContaining('handoff-missing')],
    });
  });

  it('look at the plan before it is implemented', async () => {
    put('brief.md', '- "a" → 1');
    for (const stage of ['alex', 'cass', 'nigel', 'codey-plan'] as const) await run({ stage });
    expect(await review('codey-implement')).toMatchObject({ rating: 5 });
    expect(
      checkStage('codey-plan', {
        slug,
        featureId,
        withStories: true,
        files: new Map(),
        projectPaths: new Set(),
      }),
    ).not.toEqual([]);
  });
});
