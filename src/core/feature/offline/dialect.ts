import type { Problem } from '../../problem.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type Stack, testFileFor } from '../stack.ts';
import type { JavaScriptDialect } from './javascript.ts';

const RUNNERS: readonly string[] = [
  'node:test',
  'vitest',
  'jest',
  'mocha',
] satisfies JavaScriptDialect['testRunner'][];

/** How tests and module have to be written here; a problem where the project is none of Node's. */
export function dialectFor(
  stack: Stack,
  slug: string,
  packageType: string | undefined,
): Result<JavaScriptDialect, Problem> {
  const testRunner = stack.testRunner;
  if (!isRunner(testRunner)) {
    return fail({
      code: 'offline-unsupported',
      message: `the offline runner writes tests and code for Node projects only, and this one is ${stack.language} with ${stack.testRunner}`,
      hint: 'choose a coding agent with --runner, or set the stack with murmur8 stack-config',
    });
  }
  const testFile = testFileFor(stack, slug);
  const typed = /\.[cm]?tsx?$/.test(testFile);
  const esm = typed || testRunner === 'vitest' || testFile.endsWith('.mjs');
  const commonjs = testFile.endsWith('.cjs') || (packageType !== 'module' && !esm);
  return ok({ typed, modules: commonjs ? 'commonjs' : 'esm', testRunner });
}

function isRunner(name: string): name is JavaScriptDialect['testRunner'] {
  return RUNNERS.includes(name);
}

/** Names for the module, the most natural first; the first that is free is taken. */
export function moduleCandidates(testFile: string, slug: string, typed: boolean): string[] {
  const ending = typed ? 'ts' : (/\.([cm]?js)$/.exec(testFile)?.[1] ?? 'js');
  return ['', '-examples', '-offline-examples'].map((suffix) => `src/${slug}${suffix}.${ending}`);
}
