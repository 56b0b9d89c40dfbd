import type { Finding } from './finding.ts';
import type { ReportedTest, TestReport } from './test-report.ts';

export interface JudgementInput {
  readonly report: TestReport;
  /** The ids that are judged; results of other tests are left aside. */
  readonly testIds: readonly string[];
  /** Ids that the test specification declares as pending. */
  readonly pendingIds: readonly string[];
  /** The code may be there already: a test that passes before the run's own code exists is named, not refused. */
  readonly greenIsAllowed?: boolean;
  /** The test file, for messages. */
  readonly file?: string;
}

export interface RedJudgement {
  readonly red: readonly string[];
  readonly pending: readonly string[];
  readonly alreadyGreen: readonly string[];
  /** Empty when every test that is not pending failed, as it must before the code exists. */
  readonly findings: readonly Finding[];
}

/** Before the code exists every test must run and fail. Pending is neither red nor green and has to be declared. */
export function judgeRed(input: JudgementInput): RedJudgement {
  const { report, testIds, pendingIds } = input;
  const declared = new Set(pendingIds);
  if (!report.known) return judgeRedByExitCode(input);
  const red: string[] = [];
  const pending: string[] = [];
  const alreadyGreen: string[] = [];
  const findings: Finding[] = [];
  const add = (message: string): number => findings.push({ rule: 'test-red', ...place(input), message });
  for (const id of testIds) {
    const results = report.tests.filter((test) => test.id === id);
    const open = results.filter(isOpen);
    if (results.length === 0) {
      if (report.loadErrors.length > 0) red.push(id);
      else add(`${id} did not run; see that the test file is found and that the title begins with the id`);
    } else if (open.length === results.length) {
      pending.push(id);
      if (!declared.has(id)) add(undeclared(id));
    } else if (results.some((test) => test.status === 'failed')) red.push(id);
    else {
      alreadyGreen.push(id);
      const title = results.find((test) => test.status === 'passed')?.title ?? id;
      if (input.greenIsAllowed === true) continue;
      add(`${id} passes before the code exists ("${title}"); assert something that is not true yet`);
    }
  }
  return { red, pending, alreadyGreen, findings };
}

function judgeRedByExitCode(input: JudgementInput): RedJudgement {
  const { report, testIds, pendingIds } = input;
  const pending = testIds.filter((id) => pendingIds.includes(id));
  const rest = testIds.filter((id) => !pendingIds.includes(id));
  if (report.exitCode !== 0 || rest.length === 0) {
    return { red: rest, pending, alreadyGreen: [], findings: [] };
  }
  if (input.greenIsAllowed === true) return { red: [], pending, alreadyGreen: rest, findings: [] };
  const message = `the test command succeeds before the code exists (${rest.join(', ')}); every test has to fail first`;
  return { red: [], pending, alreadyGreen: rest, findings: [{ rule: 'test-red', ...place(input), message }] };
}

export interface FailingTest {
  readonly id: string;
  readonly title: string;
  readonly message?: string;
}

export interface GreenJudgement {
  readonly passed: readonly string[];
  readonly pending: readonly string[];
  readonly failing: readonly FailingTest[];
  /** Empty when every test that is not declared as pending passed. */
  readonly findings: readonly Finding[];
}

/** Once the code exists every test must pass, apart from those declared as pending. */
export function judgeGreen(input: JudgementInput): GreenJudgement {
  const { report, testIds, pendingIds } = input;
  const declared = new Set(pendingIds);
  if (!report.known) return judgeGreenByExitCode(input);
  const passed: string[] = [];
  const pending: string[] = [];
  const failing: FailingTest[] = [];
  const findings: Finding[] = [];
  const add = (message: string): number => findings.push({ rule: 'test-green', ...place(input), message });
  for (const id of testIds) {
    const results = report.tests.filter((test) => test.id === id);
    const failed = results.find((test) => test.status === 'failed');
    if (failed !== undefined) {
      failing.push({
        id,
        title: failed.title,
        ...(failed.message === undefined ? {} : { message: failed.message }),
      });
      add(`${id} fails: ${failed.message ?? failed.title}`);
    } else if (results.length === 0) {
      const [broken] = report.loadErrors;
      const message =
        broken === undefined ? 'it did not run' : `${broken.file} could not be loaded: ${broken.message}`;
      failing.push({ id, title: id, message });
      add(`${id} fails: ${message}`);
    } else if (results.every(isOpen)) {
      pending.push(id);
      if (!declared.has(id)) add(undeclared(id));
    } else passed.push(id);
  }
  return { passed, pending, failing, findings };
}

function judgeGreenByExitCode(input: JudgementInput): GreenJudgement {
  const { report, testIds, pendingIds } = input;
  const pending = testIds.filter((id) => pendingIds.includes(id));
  const rest = testIds.filter((id) => !pendingIds.includes(id));
  if (report.exitCode === 0) return { passed: rest, pending, failing: [], findings: [] };
  const message = `the test command ended with ${report.exitCode ?? 'a signal'}:\n${report.tail}`;
  return {
    passed: [],
    pending,
    failing: rest.map((id) => ({ id, title: id })),
    findings: [{ rule: 'test-green', ...place(input), message }],
  };
}

function isOpen(test: ReportedTest): boolean {
  return test.status === 'pending' || test.status === 'skipped';
}

function undeclared(id: string): string {
  return `${id} is left open, which the test specification does not say; mark its line as pending or let it run`;
}

function place({ file }: JudgementInput): { file?: string } {
  return file === undefined ? {} : { file };
}
