import { parseGo } from './report/go.ts';
import { parseJest } from './report/jest.ts';
import { parseMocha } from './report/mocha.ts';
import type { LoadError, ParsedReport, ParsedTest } from './report/parsed-report.ts';
import { parsePytest, parseUnittest } from './report/python.ts';
import { parseTap } from './report/tap.ts';
import type { Stack } from './stack.ts';
import { carriesTestId, findTestId } from './test-id.ts';

export interface ReportedTest extends ParsedTest {
  readonly id?: string;
}

export interface TestReport {
  readonly tests: readonly ReportedTest[];
  /** Files that could not be loaded, so that their tests did not run one by one. */
  readonly loadErrors: readonly LoadError[];
  /** False when only the exit code is known. */
  readonly known: boolean;
  readonly exitCode: number | null;
  /** End of what was printed, for messages when nothing else is known. */
  readonly tail: string;
}

export interface TestOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when the command was ended by a signal or never started. */
  readonly exitCode: number | null;
}

const TAIL_LENGTH = 1500;

/**
 * What a command of `commandForTests` printed, as one result per test. `ids` are those to look for; without them any
 * id in a title is taken. Output that is not in the expected form leaves the exit code alone, never an error.
 */
export function parseTestReport(
  reporter: Stack['reporter'],
  output: TestOutput,
  ids?: readonly string[],
): TestReport {
  const parsed = parseWith(reporter, output);
  const tail = `${output.stdout}\n${output.stderr}`.trim().slice(-TAIL_LENGTH);
  const tests = (parsed?.tests ?? []).map((test) => {
    const id = idOf(test.title, ids);
    return id === undefined ? test : { ...test, id };
  });
  return {
    tests,
    loadErrors: parsed?.loadErrors ?? [],
    known: parsed !== undefined,
    exitCode: output.exitCode,
    tail,
  };
}

function parseWith(reporter: Stack['reporter'], { stdout, stderr }: TestOutput): ParsedReport | undefined {
  switch (reporter) {
    case 'tap':
      return parseTap(stdout);
    case 'vitest-json':
    case 'jest-json':
      return parseJest(stdout);
    case 'mocha-json':
      return parseMocha(stdout);
    case 'pytest':
      return parsePytest(stdout);
    case 'unittest':
      return parseUnittest(stderr) ?? parseUnittest(stdout);
    case 'go-json':
      return parseGo(stdout);
    case 'exit-code':
      return undefined;
  }
}

function idOf(title: string, ids: readonly string[] | undefined): string | undefined {
  return ids === undefined ? findTestId(title) : ids.find((id) => carriesTestId(title, id));
}
