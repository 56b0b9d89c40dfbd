import * as z from 'zod';

/** How the results of one test each are read from what a test command prints. */
export const REPORT_FORMATS = [
  'tap',
  'vitest-json',
  'jest-json',
  'mocha-json',
  'pytest',
  'unittest',
  'go-json',
  'exit-code',
] as const;

/** What the pipeline has to know about a project's tools; kept in `.claude/stack-config.json`. */
export const stackSchema = z.strictObject({
  language: z.string().min(1).default('javascript'),
  packageManager: z.string().default('npm'),
  /** Name of the runner, e.g. `node:test`, `vitest`, `pytest`. */
  testRunner: z.string().min(1).default('node:test'),
  /** The project's whole test command, for `/bin/sh -c`. */
  testCommand: z.string().min(1).default('node --test'),
  /** Command of the linter; null when there is none. */
  linter: z.string().nullable().default(null),
  /** Where a feature's tests go: `{slug}` my-feature, `{snake}` my_feature, `{pascal}` MyFeature. */
  testFile: z
    .string()
    .regex(/\{(slug|snake|pascal)\}/, 'must hold {slug}, {snake} or {pascal}')
    .regex(/^(?![/~])(?!.*\.\.)[^\\]*$/, 'must be a path inside the project')
    .default('test/feature_{slug}.test.js'),
  testIdForm: z.enum(['title', 'identifier']).default('title'),
  reporter: z.enum(REPORT_FORMATS).default('tap'),
  /** Command that yields results per test; `{files}` and `{filter}` are filled in where the runner can select. */
  featureTestCommand: z.string().min(1).default('node --test --test-reporter=tap {files}'),
});

export type Stack = z.infer<typeof stackSchema>;

/** What is assumed where nothing is detected. */
export const DEFAULT_STACK: Stack = stackSchema.parse({});

/** What the rows of the table may look at. */
export interface ProjectFacts {
  /** Text of a file in the project, or undefined when it is not there. */
  readonly present: (path: string) => string | undefined;
  /** Names of the files and directories in the project's root. */
  readonly names: readonly string[];
}

/** Path of a feature's test file, relative to the project's root. */
export function testFileFor(stack: Pick<Stack, 'testFile'>, slug: string): string {
  const words = slug.split('-');
  const pascal = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
  return stack.testFile
    .replaceAll('{slug}', slug)
    .replaceAll('{snake}', words.join('_'))
    .replaceAll('{pascal}', pascal);
}
