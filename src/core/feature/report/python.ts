import { type LoadError, type ParsedReport, type ParsedTest, shorten } from './parsed-report.ts';

const PYTEST_STATUS: Readonly<Record<string, ParsedTest['status']>> = {
  PASSED: 'passed',
  FAILED: 'failed',
  ERROR: 'failed',
  SKIPPED: 'skipped',
  XFAIL: 'pending',
  XPASS: 'pending',
};

/** `pytest -v -rA`: one line per test while it runs, messages in the summary. An expected failure (xfail) is pending. */
export function parsePytest(output: string): ParsedReport | undefined {
  const plain = output.replace(/\u001b\[[0-9;]*m/g, '');
  const messages = new Map(
    [...plain.matchAll(/^(?:FAILED|ERROR) (\S+::.+?) - (.*)$/gm)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
  const tests = new Map<string, ParsedTest>();
  for (const match of plain.matchAll(/^(\S+\.py::.+?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b.*$/gm)) {
    const title = match[1] ?? '';
    const status = PYTEST_STATUS[match[2] ?? ''] ?? 'failed';
    const message = messages.get(title);
    if (tests.get(title)?.status === 'failed') continue; // A passed test whose teardown fails is listed twice.
    tests.set(title, { title, status, ...(message === undefined ? {} : { message: shorten(message) }) });
  }
  const loadErrors = [...plain.matchAll(/^ERROR (?!.*::)(\S+\.py)(?: - (.*))?$/gm)].map(
    (match): LoadError => ({ file: match[1] ?? '', message: shorten(match[2] ?? collectionError(plain)) }),
  );
  const recognised =
    tests.size > 0 || loadErrors.length > 0 || /^=+ .*(?:no tests ran|test session starts)/m.test(plain);
  return recognised ? { tests: [...tests.values()], loadErrors } : undefined;
}

function collectionError(output: string): string {
  return /^E {3,}(\w+Error.*)$/m.exec(output)?.[1] ?? 'the file could not be loaded';
}

/** `python -m unittest -v`, which writes to standard error. An expected failure is pending. */
export function parseUnittest(output: string): ParsedReport | undefined {
  const tests: ParsedTest[] = [];
  const loadErrors: LoadError[] = [];
  const line =
    /^(\S+) \(([^)\n]*)\)(?:\n(?!\S+ \().*?)?(?: \.\.\. )(ok|FAIL|ERROR|skipped.*|expected failure|unexpected success)\s*$/gm;
  for (const [, name = '', owner = '', verdict = ''] of output.matchAll(line)) {
    if (owner.includes('_FailedTest')) {
      loadErrors.push({
        file: name,
        message: /^(\w+Error: .*)$/m.exec(output)?.[1] ?? 'the module could not be loaded',
      });
      continue;
    }
    const status = unittestStatus(verdict);
    const message = status === 'failed' ? unittestMessage(output, name) : undefined;
    tests.push({ title: `${owner} ${name}`, status, ...(message === undefined ? {} : { message }) });
  }
  const recognised = tests.length > 0 || loadErrors.length > 0 || /^Ran \d+ tests? in/m.test(output);
  return recognised ? { tests, loadErrors } : undefined;
}

function unittestStatus(verdict: string): ParsedTest['status'] {
  if (verdict === 'ok') return 'passed';
  if (verdict === 'expected failure') return 'pending';
  return verdict.startsWith('skipped') ? 'skipped' : 'failed';
}

function unittestMessage(output: string, name: string): string | undefined {
  const start = output.search(new RegExp(`^(?:FAIL|ERROR): ${name} `, 'm'));
  if (start === -1) return undefined;
  const error = /^(?:\w+\.)*\w*(?:Error|Exception)\b.*$/m.exec(output.slice(start))?.[0];
  return error === undefined ? undefined : shorten(error);
}
