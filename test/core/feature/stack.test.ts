import { describe, expect, it } from 'vitest';
import { stackConfigSchema } from '../../../src/core/config/stack-config.ts';
import { DEFAULT_STACK, type Stack, stackSchema, testFileFor } from '../../../src/core/feature/stack.ts';
import { detectStack } from '../../../src/core/feature/stack-detection.ts';
import { STACK_ROWS } from '../../../src/core/feature/stack-table.ts';
import { commandForTests } from '../../../src/core/feature/test-command.ts';

function detect(files: Record<string, string | object>): Stack {
  const text = (path: string): string | undefined => {
    const content = files[path];
    return typeof content === 'object' ? JSON.stringify(content) : content;
  };
  return detectStack(text, [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? path))]);
}

const uses = (...names: string[]): object => ({
  devDependencies: Object.fromEntries(names.map((name) => [name, '1'])),
});

describe('stack detection', () => {
  it('assumes node --test where it finds nothing', () => {
    expect(detect({})).toEqual(DEFAULT_STACK);
    expect(DEFAULT_STACK).toMatchObject({
      testCommand: 'node --test',
      testFile: 'test/feature_{slug}.test.js',
    });
  });

  it.each([
    [
      'plain node',
      { 'package.json': {} },
      ['javascript', 'npm', 'node:test', 'node --test', 'test/feature_a-b.test.js'],
    ],
    [
      'a manifest that is no JSON',
      { 'package.json': '{' },
      ['javascript', 'npm', 'node:test', 'node --test', 'test/feature_a-b.test.js'],
    ],
    [
      'the test script of npm init',
      { 'package.json': { scripts: { test: 'echo "Error: no test specified" && exit 1' } } },
      ['javascript', 'npm', 'node:test', 'node --test', 'test/feature_a-b.test.js'],
    ],
    [
      'an own test script',
      { 'package.json': { scripts: { test: 'make' } } },
      ['javascript', 'npm', 'node:test', 'npm test', 'test/feature_a-b.test.js'],
    ],
    [
      'vitest with pnpm',
      { 'package.json': uses('vitest'), 'pnpm-lock.yaml': '' },
      ['javascript', 'pnpm', 'vitest', 'pnpm exec vitest run', 'test/feature_a-b.test.js'],
    ],
    [
      'vitest and typescript',
      { 'package.json': uses('vitest', 'typescript') },
      ['typescript', 'npm', 'vitest', 'npx --no-install vitest run', 'test/feature_a-b.test.ts'],
    ],
    [
      'jest named in the script beside vitest',
      { 'package.json': { ...uses('vitest'), scripts: { test: 'jest --ci' } }, 'yarn.lock': '' },
      ['javascript', 'yarn', 'jest', 'yarn test', 'test/feature_a-b.test.js'],
    ],
    [
      'mocha by its configuration',
      { 'package.json': {}, '.mocharc.json': '' },
      [
        'javascript',
        'npm',
        'mocha',
        "npx --no-install mocha 'test/**/*.test.js'",
        'test/feature_a-b.test.js',
      ],
    ],
    [
      'typescript with tsx',
      { 'package.json': uses('tsx'), 'tsconfig.json': '' },
      [
        'typescript',
        'npm',
        'node:test',
        'node --import tsx --test test/*.test.ts',
        'test/feature_a-b.test.ts',
      ],
    ],
    [
      'typescript alone',
      { 'tsconfig.json': '' },
      ['typescript', 'npm', 'node:test', 'node --test', 'test/feature_a-b.test.js'],
    ],
    [
      'pytest',
      { 'pyproject.toml': '[tool.pytest.ini_options]' },
      ['python', 'pip', 'pytest', 'python3 -m pytest', 'tests/test_feature_a_b.py'],
    ],
    [
      'pytest with uv',
      { 'pyproject.toml': 'dev = ["pytest"]', 'uv.lock': '' },
      ['python', 'uv', 'pytest', 'uv run python -m pytest', 'tests/test_feature_a_b.py'],
    ],
    [
      'unittest',
      { 'requirements.txt': 'flask' },
      [
        'python',
        'pip',
        'unittest',
        'python3 -m unittest discover -s tests -t .',
        'tests/test_feature_a_b.py',
      ],
    ],
    ['go', { 'go.mod': 'module x' }, ['go', 'go', 'go test', 'go test ./...', 'feature_a_b_test.go']],
    ['rust', { 'Cargo.toml': '' }, ['rust', 'cargo', 'cargo test', 'cargo test', 'tests/feature_a_b.rs']],
    [
      'maven',
      { 'pom.xml': '', mvnw: '' },
      ['java', 'maven', 'junit', './mvnw -q test', 'src/test/java/FeatureABTest.java'],
    ],
    [
      'gradle',
      { 'build.gradle.kts': '' },
      ['java', 'gradle', 'junit', 'gradle test', 'src/test/java/FeatureABTest.java'],
    ],
    [
      'rspec',
      { Gemfile: "gem 'rspec'" },
      ['ruby', 'bundler', 'rspec', 'bundle exec rspec', 'spec/feature_a_b_spec.rb'],
    ],
    [
      'minitest',
      { Gemfile: '' },
      ['ruby', 'bundler', 'minitest', 'bundle exec rake test', 'test/feature_a_b_test.rb'],
    ],
    [
      'pest',
      { 'composer.json': uses('pestphp/pest') },
      ['php', 'composer', 'pest', 'vendor/bin/pest', 'tests/FeatureABTest.php'],
    ],
    [
      'dotnet',
      { 'x.csproj': '' },
      ['csharp', 'nuget', 'dotnet test', 'dotnet test', 'tests/FeatureABTests.cs'],
    ],
    ['elixir', { 'mix.exs': '' }, ['elixir', 'mix', 'exunit', 'mix test', 'test/feature_a_b_test.exs']],
  ] as const)('knows %s', (_, files, expected) => {
    const stack = detect(files);
    expect([
      stack.language,
      stack.packageManager,
      stack.testRunner,
      stack.testCommand,
      testFileFor(stack, 'a-b'),
    ]).toEqual(expected);
  });

  it('finds the linter', () => {
    expect(detect({ 'package.json': { scripts: { lint: 'x' } } }).linter).toBe('npm run lint');
    expect(detect({ 'package.json': {}, 'biome.json': '' }).linter).toBe('npx --no-install biome check .');
    expect(detect({ 'package.json': {}, 'eslint.config.js': '' }).linter).toBe('npx --no-install eslint .');
    expect(detect({ 'pyproject.toml': '[tool.ruff]' }).linter).toBe('ruff check .');
  });

  it('describes every row in the form of the schema', () => {
    const facts = { present: () => undefined, names: [] };
    for (const row of STACK_ROWS) {
      expect(stackSchema.safeParse({ ...DEFAULT_STACK, ...row.describe(facts) }).success, row.name).toBe(
        true,
      );
    }
  });

  it('takes only test files inside the project', () => {
    for (const testFile of ['/tmp/{slug}.js', '../{slug}.js', 'test/fixed.js', 'a\\{slug}']) {
      expect(stackConfigSchema.safeParse({ testFile }).success).toBe(false);
    }
  });
});

describe('the test command', () => {
  const command = (files: Record<string, object | string>, ids?: string[]): string => {
    const stack = detect(files);
    return commandForTests(stack, {
      files: [testFileFor(stack, 'a')],
      ...(ids === undefined ? {} : { ids }),
    });
  };

  it.each([
    [{}, 'node --test --test-reporter=tap test/feature_a.test.js'],
    [
      { 'package.json': uses('vitest') },
      "npx --no-install vitest run --reporter=json -t '(T-1|T-A-2)(?![A-Za-z0-9-])' test/feature_a.test.js",
    ],
    [
      { 'package.json': uses('jest') },
      "npx --no-install jest --json -t '(T-1|T-A-2)(?![A-Za-z0-9-])' --runTestsByPath test/feature_a.test.js",
    ],
    [
      { 'pytest.ini': '' },
      "python3 -m pytest -v -rA --tb=line --color=no -k 't_1 or t_a_2' tests/test_feature_a.py",
    ],
    [{ 'setup.py': '' }, 'python3 -m unittest -v tests.test_feature_a'],
    [{ 'go.mod': '' }, "go test -json -run '(?i)^Test.*(T_1|T_A_2)(_|$)' ./..."],
    [{ 'Cargo.toml': '' }, 'cargo test'],
  ])('selects tests where the runner can: %j', (files, expected) => {
    expect(command(files, ['T-1', 'T-A-2'])).toBe(expected);
  });

  it('runs everything in the file without ids', () => {
    expect(command({ 'package.json': uses('mocha') })).toBe(
      'npx --no-install mocha --reporter json test/feature_a.test.js',
    );
  });

  it('gives file names to the shell as data', () => {
    expect(commandForTests(DEFAULT_STACK, { files: ["a b'$(x).js", '-x.js', '$&'] })).toBe(
      "node --test --test-reporter=tap 'a b'\\''$(x).js' ./-x.js '$&'",
    );
  });
});
