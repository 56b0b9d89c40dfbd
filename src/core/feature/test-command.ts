import type { Stack } from './stack.ts';
import { identifierPart } from './test-id.ts';

export interface TestSelection {
  /** Test files, relative to the project's root. */
  readonly files: readonly string[];
  /**
   * Only these tests, where the runner can select by name. Others may run as well, so results are always read by id.
   */
  readonly ids?: readonly string[];
}

/** The command line, for `/bin/sh -c`, that runs a feature's tests and prints a result for each one. */
export function commandForTests(stack: Stack, { files, ids = [] }: TestSelection): string {
  const targets = stack.testRunner === 'unittest' ? files.map(pythonModule) : files;
  return stack.featureTestCommand
    .replaceAll('{filter}', () => (ids.length === 0 ? '' : filterFor(stack.testRunner, ids)))
    .replaceAll('{files}', () => targets.map(quote).join(' '))
    .replace(/ {2,}/g, ' ')
    .trim();
}

function filterFor(runner: string, ids: readonly string[]): string {
  const names = ids.map(identifierPart);
  switch (runner) {
    case 'vitest':
    case 'jest':
      return `-t ${quote(titlePattern(ids))}`;
    case 'mocha':
      return `--grep ${quote(titlePattern(ids))}`;
    case 'pytest':
      return `-k ${quote(names.map((name) => name.toLowerCase()).join(' or '))}`;
    case 'go test':
      return `-run ${quote(`(?i)^Test.*(${names.join('|')})(_|$)`)}`;
    default:
      return '';
  }
}

function titlePattern(ids: readonly string[]): string {
  return `(${ids.join('|')})(?![A-Za-z0-9-])`;
}

function pythonModule(path: string): string {
  return path.replace(/\.py$/, '').replaceAll('/', '.');
}

/** One word of a POSIX shell command line, whatever is in it. */
function quote(word: string): string {
  const safe = word.startsWith('-') ? `./${word}` : word;
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
