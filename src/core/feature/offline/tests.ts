import { featurePaths } from '../paths.ts';
import { criteriaOf, type Derivation, type DerivedCriterion } from './derivation.ts';
import { type DerivedFiles, handoff } from './documents.ts';
import { inComment, type JavaScriptDialect, literal } from './javascript.ts';
import { DERIVED_MARK, derivedNote } from './mark.ts';

export interface TestPlace {
  readonly testFile: string;
  /** The module that the tests load, relative to the project's root. */
  readonly moduleFile: string;
  readonly dialect: JavaScriptDialect;
}

/** What nigel leaves: test specification, test file and handoff note. */
export function testFiles(derivation: Derivation, place: TestPlace): DerivedFiles {
  const paths = featurePaths(derivation.slug);
  return new Map([
    [paths.testSpecification, testSpecification(derivation, place)],
    [place.testFile, testSource(derivation, place)],
    [paths.handoffNigel, handoff(derivation, 'Codey', [paths.testSpecification, place.testFile])],
  ]);
}

function testSpecification(derivation: Derivation, { testFile, moduleFile }: TestPlace): string {
  const rows = derivation.stories.flatMap((story) =>
    story.criteria.map(
      (criterion) =>
        `| ${story.name} | ${criterion.id} | ${criterion.testId} | ${criterion.pending === undefined ? 'active' : 'pending'} | ${criterion.pending ?? 'the brief gives an example'} |`,
    ),
  );
  return `# Test Specification — ${derivation.brief.title}

${derivedNote(derivation.briefPath)}

Module under test: \`${moduleFile}\`
Test file: \`${testFile}\`

## Mapping

| Story | Criterion | Test | Status | Why |
|---|---|---|---|---|
${rows.join('\n')}

## Assumptions

- An example is a call with its input and the exact result; objects and lists are compared deeply.
- A pending test counts neither as failed nor as passed.
`;
}

const MODULE_LINE = /^Module under test: `([^`\n]+)`\r?$/m;

/** The module that a test specification names, as `testFiles` wrote it. */
export function moduleUnderTest(testSpecificationText: string): string | undefined {
  return MODULE_LINE.exec(testSpecificationText)?.[1];
}

function testSource(derivation: Derivation, { testFile, moduleFile, dialect }: TestPlace): string {
  const criteria = criteriaOf(derivation);
  const header = `/**
 * Tests of the feature "${inComment(derivation.brief.title)}": ${DERIVED_MARK},
 * from the brief ${inComment(derivation.briefPath)}. Each test loads the module by itself, so that each fails by itself while it is missing.
 */`;
  const checked = criteria.some((criterion) => criterion.check !== undefined);
  const head = [
    header,
    ...imports(dialect, checked),
    ...(checked ? ['', loader(testFile, moduleFile, dialect)] : []),
  ];
  return `${head.join('\n')}\n\n${criteria.map((criterion) => testCase(criterion, dialect)).join('\n\n')}\n`;
}

function imports({ testRunner, modules, typed }: JavaScriptDialect, checked: boolean): string[] {
  const esm = modules === 'esm' || typed;
  const from = (names: string, source: string): string =>
    esm ? `import ${names} from '${source}';` : `const ${names} = require('${source}');`;
  switch (testRunner) {
    case 'node:test':
      return [...(checked ? [from('assert', 'node:assert/strict')] : []), from('{ test }', 'node:test')];
    case 'vitest':
      return [from(checked ? '{ expect, test }' : '{ test }', 'vitest')];
    case 'mocha':
      return checked ? [from('assert', 'node:assert/strict')] : [];
    case 'jest':
      return [];
  }
}

function loader(testFile: string, moduleFile: string, dialect: JavaScriptDialect): string {
  const up = '../'.repeat(testFile.split('/').length - 1) || './';
  const compiled = dialect.typed
    ? moduleFile.replace(/\.ts$/, dialect.testRunner === 'jest' ? '' : '.js')
    : moduleFile;
  const specifier = JSON.stringify(`${up}${compiled}`);
  return dialect.modules === 'commonjs' && !dialect.typed
    ? `const load = async () => require(${specifier});`
    : `const load = () => import(${specifier});`;
}

function testCase(criterion: DerivedCriterion, dialect: JavaScriptDialect): string {
  const title = literal(`${criterion.testId} ${criterion.title}`);
  if (criterion.check === undefined) return pendingTest(title, criterion.pending ?? '', dialect);
  const { functionName, example } = criterion.check;
  const call = `${functionName}(${example.input.map(literal).join(', ')})`;
  const name = dialect.testRunner === 'mocha' ? 'it' : 'test';
  return `${name}(${title}, async () => {
  const { ${functionName} } = await load();
  ${assertion(call, example.expected, dialect)}
});`;
}

type Expected = NonNullable<DerivedCriterion['check']>['example']['expected'];

function assertion(call: string, expected: Expected, { testRunner }: JavaScriptDialect): string {
  const expects = testRunner === 'vitest' || testRunner === 'jest';
  if ('throws' in expected) {
    const message = literal(expected.throws);
    return expects
      ? `await expect((async () => ${call})()).rejects.toMatchObject({ message: ${message} });`
      : `await assert.rejects(async () => ${call}, { message: ${message} });`;
  }
  const output = literal(expected.output);
  return expects
    ? `expect(await ${call}).toStrictEqual(${output});`
    : `assert.deepEqual(await ${call}, ${output});`;
}

function pendingTest(title: string, reason: string, { testRunner }: JavaScriptDialect): string {
  switch (testRunner) {
    case 'node:test':
      return `test(${title}, { todo: ${literal(reason)} });`;
    case 'mocha':
      return `it(${title});`;
    case 'vitest':
    case 'jest':
      return `test.todo(${title});`;
  }
}
