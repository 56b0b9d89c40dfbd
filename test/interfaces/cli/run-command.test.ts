import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newProgram } from '../../../src/interfaces/cli/program.ts';
import { formatProblem } from '../../../src/interfaces/cli/run-command.ts';

beforeEach(() => {
  vi.stubEnv('npm_lifecycle_event', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a problem that is printed', () => {
  test('says where, what, and what to do next', () => {
    const problem = {
      code: 'x',
      message: 'is damaged',
      file: 'a/b.json',
      line: 3,
      column: 7,
      hint: 'mend it',
    };
    expect(formatProblem(problem)).toBe('murmur8: a/b.json:3:7: is damaged\nhint: mend it\n');
  });

  test('steers no terminal, whatever a file, a path or an agent holds', () => {
    const text = formatProblem({
      code: 'x',
      message: 'the agent said \u001b[2J\u001b]0;title\u0007hush\u0008 and\na second line\u202e',
      file: 'a\u001b[31m\nhint: type this\u009b0m.json',
      hint: 'look at \u001b[8mnothing\u001b[0m\r',
    });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toBe(
      'murmur8: a\\u001b[31m\\u000ahint: type this\\u009b0m.json: the agent said hush and\na second line\nhint: look at nothing\n',
    );
  });
});

test('an option that does not exist is named without what steers a terminal', () => {
  let told = '';
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
  try {
    expect(() => newProgram('sample', '').parse(['--\u001b[2Jx'], { from: 'user' })).toThrow();
  } finally {
    stderr.mockRestore();
  }
  expect(told).toBe("murmur8: unknown option '--x'\nhint: murmur8 sample --help lists what it takes\n");
});
