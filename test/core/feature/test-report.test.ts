import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_STACK, type Stack } from '../../../src/core/feature/stack.ts';
import { commandForTests } from '../../../src/core/feature/test-command.ts';
import { judgeGreen, judgeRed } from '../../../src/core/feature/test-judgement.ts';
import { parseTestReport, type TestReport } from '../../../src/core/feature/test-report.ts';

const statuses = (report: TestReport): unknown[] => report.tests.map((test) => [test.id, test.status]);
const parse = (reporter: Stack['reporter'], stdout: string, ids?: string[], stderr = ''): TestReport =>
  parseTestReport(reporter, { stdout, stderr, exitCode: 1 }, ids);

/** Runs test files in a directory of their own with the real runner. */
function runReal(stack: Stack, files: Record<string, string>): TestReport {
  const root = mkdtempSync(join(tmpdir(), 'murmur8-report-'));
  try {
    mkdirSync(join(root, 'test'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'test', name), text);
    const command = commandForTests(stack, { files: Object.keys(files).map((name) => `test/${name}`) });
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(NODE_TEST_CONTEXT|VITEST|NODE_OPTIONS)/.test(name)),
    );
    const done = spawnSync('/bin/sh', ['-c', command], { cwd: root, env, encoding: 'utf8' });
    return parseTestReport(stack.reporter, {
      stdout: done.stdout,
      stderr: done.stderr,
      exitCode: done.status,
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe('what node --test prints', () => {
  it('is read test by test, also in suites, with todo, skip and a file that cannot be loaded', () => {
    const report = runReal(DEFAULT_STACK, {
      'a.test.mjs': `import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
test('T-1 fine # not a \\\\ comment', () => {});
test('T-2 wrong', () => assert.equal(1, 2));
test('T-3 open', { todo: 'later' });
test('T-4 left out', { skip: true }, () => {});
describe('a suite', () => { it('T-5 missing', async () => { await import('./nope.mjs'); }); });
test('T-6 open and wrong', { todo: true }, () => assert.equal(1, 2));
`,
      'b.test.mjs': "import './nope.mjs';\n",
    });
    expect(statuses(report)).toEqual([
      ['T-1', 'passed'],
      ['T-2', 'failed'],
      ['T-3', 'pending'],
      ['T-4', 'skipped'],
      ['T-5', 'failed'],
      ['T-6', 'pending'],
    ]);
    expect(report.tests[0]?.title).toBe('T-1 fine # not a \\ comment');
    expect(report.tests[1]?.message).toContain('1 !== 2');
    expect(report.tests[4]?.message).toContain('Cannot find module');
    expect(report.loadErrors).toEqual([
      { file: expect.stringContaining('b.test.mjs'), message: expect.stringContaining('Cannot find module') },
    ]);
    expect(report).toMatchObject({ known: true, exitCode: 1 });
  });
});

describe('what vitest prints', () => {
  it('is read test by test', () => {
    const vitest = resolve('node_modules/.bin/vitest');
    const stack: Stack = {
      ...DEFAULT_STACK,
      testRunner: 'vitest',
      reporter: 'vitest-json',
      featureTestCommand: `${vitest} run --root . --globals --reporter=json {filter} {files}`,
    };
    const report = runReal(stack, {
      'a.test.js':
        "test('T-1 fine', () => { console.log('{\\n'); });\ntest('T-2 wrong', () => expect(1).toBe(2));\ntest.todo('T-3 open');\ntest.skip('T-4 out', () => {});\n",
      'b.test.js': "import './nope.js';\ntest('T-5 x', () => {});\n",
    });
    expect(statuses(report)).toEqual([
      ['T-1', 'passed'],
      ['T-2', 'failed'],
      ['T-3', 'pending'],
      ['T-4', 'skipped'],
    ]);
    expect(report.loadErrors).toHaveLength(1);
  });
});

describe('what other runners print', () => {
  it('is read from jest', () => {
    const stdout = JSON.stringify({
      numTotalTests: 3,
      testResults: [
        {
          name: 'a',
          status: 'failed',
          message: 'x',
          assertionResults: [
            { ancestorTitles: ['suite'], title: 'T-1 a', status: 'passed', failureMessages: [] },
            {
              ancestorTitles: [],
              title: 'T-2 b',
              status: 'failed',
              failureMessages: ['\u001b[31mError: no\u001b[39m'],
            },
            { ancestorTitles: [], title: 'T-3 c', status: 'todo', failureMessages: [] },
            { ancestorTitles: [], title: 'T-4 d', status: 'pending', failureMessages: [] },
          ],
        },
        { name: 'b', status: 'failed', message: 'Cannot find module', assertionResults: [] },
      ],
    });
    const report = parse('jest-json', `noise {\n${stdout}\n`);
    expect(statuses(report)).toEqual([
      ['T-1', 'passed'],
      ['T-2', 'failed'],
      ['T-3', 'pending'],
      ['T-4', 'skipped'],
    ]);
    expect(report.tests[1]?.message).toBe('Error: no');
    expect(report.loadErrors).toEqual([{ file: 'b', message: 'Cannot find module' }]);
  });

  it('is read from mocha', () => {
    const test = (title: string, err = {}): object => ({ title, fullTitle: `suite ${title}`, err });
    const stdout = JSON.stringify(
      {
        stats: { tests: 3 },
        tests: [],
        passes: [test('T-1 a')],
        failures: [test('T-2 b', { message: 'no' })],
        pending: [test('T-3 c')],
      },
      null,
      2,
    );
    expect(statuses(parse('mocha-json', stdout))).toEqual([
      ['T-1', 'passed'],
      ['T-2', 'failed'],
      ['T-3', 'pending'],
    ]);
  });

  it('is read from pytest, which names functions', () => {
    const stdout = `============================= test session starts ==============================
collected 4 items / 1 error

tests/test_a.py::test_t_1_a PASSED                                       [ 25%]
tests/test_a.py::TestX::test_t_10 FAILED                                 [ 50%]
tests/test_a.py::test_t_3[a b] SKIPPED (no)                              [ 75%]
tests/test_a.py::test_t_4 XFAIL                                          [100%]
=========================== short test summary info ============================
FAILED tests/test_a.py::TestX::test_t_10 - assert 1 == 2
ERROR tests/test_b.py - ModuleNotFoundError: No module named 'x'
`;
    const report = parse('pytest', stdout, ['T-1', 'T-10', 'T-3', 'T-4']);
    expect(statuses(report)).toEqual([
      ['T-1', 'passed'],
      ['T-10', 'failed'],
      ['T-3', 'skipped'],
      ['T-4', 'pending'],
    ]);
    expect(report.tests[1]?.message).toBe('assert 1 == 2');
    expect(report.loadErrors).toEqual([
      { file: 'tests/test_b.py', message: "ModuleNotFoundError: No module named 'x'" },
    ]);
    expect(statuses(parse('pytest', stdout))).toEqual([
      ['T-1', 'passed'],
      ['T-10', 'failed'],
      ['T-3', 'skipped'],
      ['T-4', 'pending'],
    ]);
  });

  it('is read from unittest, on standard error', () => {
    const stderr = `test_t_1_a (tests.test_a.A.test_t_1_a) ... ok
test_t_2 (tests.test_a.A.test_t_2)
Says what it does. ... FAIL
test_t_3 (tests.test_a.A.test_t_3) ... skipped 'no'
test_t_4 (tests.test_a.A.test_t_4) ... expected failure
tests.test_b (unittest.loader._FailedTest.tests.test_b) ... ERROR

======================================================================
FAIL: test_t_2 (tests.test_a.A.test_t_2)
Says what it does.
----------------------------------------------------------------------
Traceback (most recent call last):
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 5 tests in 0.001s
`;
    const report = parse('unittest', '', undefined, stderr);
    expect(statuses(report)).toEqual([
      ['T-1', 'passed'],
      ['T-2', 'failed'],
      ['T-3', 'skipped'],
      ['T-4', 'pending'],
    ]);
    expect(report.tests[1]?.message).toBe('AssertionError: 1 != 2');
    expect(report.loadErrors).toHaveLength(1);
  });

  it('is read from go', () => {
    const stdout = [
      { Action: 'run', Package: 'x', Test: 'TestT_1_A' },
      { Action: 'pass', Package: 'x', Test: 'TestT_1_A' },
      { Action: 'output', Package: 'x', Test: 'TestT_2', Output: '    a_test.go:3: want 1\n' },
      { Action: 'output', Package: 'x', Test: 'TestT_2', Output: '--- FAIL: TestT_2 (0.00s)\n' },
      { Action: 'fail', Package: 'x', Test: 'TestT_2' },
      { Action: 'skip', Package: 'x', Test: 'TestT_3' },
      { Action: 'fail', Package: 'x' },
      { Action: 'output', Package: 'y', Output: 'FAIL\ty [build failed]\n' },
      { Action: 'fail', Package: 'y' },
    ]
      .map((event) => JSON.stringify(event))
      .join('\n');
    const report = parse('go-json', `# y\n${stdout}\n`);
    expect(statuses(report)).toEqual([
      ['T-1', 'passed'],
      ['T-2', 'failed'],
      ['T-3', 'skipped'],
    ]);
    expect(report.tests[1]?.message).toBe('a_test.go:3: want 1');
    expect(report.loadErrors).toEqual([{ file: 'y', message: expect.stringContaining('build failed') }]);
  });

  it('leaves only the exit code when it is in no known form', () => {
    for (const reporter of [
      'tap',
      'vitest-json',
      'jest-json',
      'mocha-json',
      'pytest',
      'unittest',
      'go-json',
      'exit-code',
    ] as const) {
      for (const text of ['', 'sh: 1: not found', '{', '{}', '{\n{\n}']) {
        expect(parse(reporter, text)).toMatchObject({ known: false, tests: [], exitCode: 1 });
      }
    }
  });
});

describe('the judgement of red', () => {
  const report = (tests: [string, string][], more: Partial<TestReport> = {}): TestReport => ({
    tests: tests.map(([id, status]) => ({ id, title: `${id} x`, status: status as 'passed' })),
    loadErrors: [],
    known: true,
    exitCode: 1,
    tail: '',
    ...more,
  });

  it('names tests that pass already, that did not run, and that are left open unsaid', () => {
    const judged = judgeRed({
      report: report([
        ['T-1', 'failed'],
        ['T-2', 'passed'],
        ['T-3', 'pending'],
        ['T-4', 'pending'],
        ['T-5', 'skipped'],
      ]),
      testIds: ['T-1', 'T-2', 'T-3', 'T-4', 'T-5', 'T-6'],
      pendingIds: ['T-3'],
    });
    expect(judged).toMatchObject({ red: ['T-1'], alreadyGreen: ['T-2'], pending: ['T-3', 'T-4', 'T-5'] });
    expect(judged.findings.map(({ message }) => message)).toEqual([
      expect.stringContaining('T-2 passes before the code exists ("T-2 x")'),
      expect.stringContaining('T-4 is left open'),
      expect.stringContaining('T-5 is left open'),
      expect.stringContaining('T-6 did not run'),
    ]);
  });

  it('counts tests as red when their file cannot be loaded without the code', () => {
    const broken = report([], { loadErrors: [{ file: 'x', message: 'no module' }] });
    expect(judgeRed({ report: broken, testIds: ['T-1'], pendingIds: [] })).toMatchObject({
      red: ['T-1'],
      findings: [],
    });
    expect(judgeGreen({ report: broken, testIds: ['T-1'], pendingIds: [] }).failing).toEqual([
      { id: 'T-1', title: 'T-1', message: 'x could not be loaded: no module' },
    ]);
  });

  it('goes by the exit code where nothing else is known', () => {
    const unknown = (exitCode: number): TestReport => report([], { known: false, exitCode });
    expect(judgeRed({ report: unknown(1), testIds: ['T-1'], pendingIds: [] }).findings).toEqual([]);
    expect(judgeRed({ report: unknown(0), testIds: ['T-1'], pendingIds: [] }).alreadyGreen).toEqual(['T-1']);
    expect(judgeGreen({ report: unknown(0), testIds: ['T-1'], pendingIds: [] }).passed).toEqual(['T-1']);
    expect(judgeGreen({ report: unknown(2), testIds: ['T-1'], pendingIds: [] }).findings).toHaveLength(1);
  });

  it('takes no pending test for green', () => {
    const open = report(
      [
        ['T-1', 'pending'],
        ['T-2', 'passed'],
      ],
      { exitCode: 0 },
    );
    expect(judgeGreen({ report: open, testIds: ['T-1', 'T-2'], pendingIds: ['T-1'] })).toEqual({
      passed: ['T-2'],
      pending: ['T-1'],
      failing: [],
      findings: [],
    });
    expect(judgeGreen({ report: open, testIds: ['T-1'], pendingIds: [] }).findings).toHaveLength(1);
  });

  it('fails a test of which one of several cases fails', () => {
    const mixed = report([
      ['T-1', 'passed'],
      ['T-1', 'failed'],
    ]);
    expect(judgeGreen({ report: mixed, testIds: ['T-1'], pendingIds: [] }).failing).toHaveLength(1);
  });
});
