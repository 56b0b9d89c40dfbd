import type { ProjectFacts, Stack } from './stack.ts';
import { describeNode, recognisesNode } from './stack-node.ts';

/** How one kind of project is recognised and described. Rows are tried from the top. */
export interface StackRow {
  readonly name: string;
  readonly recognises: (facts: ProjectFacts) => boolean;
  readonly describe: (facts: ProjectFacts) => Partial<Stack>;
}

function has(...wanted: readonly string[]): StackRow['recognises'] {
  return ({ names }) => wanted.some((name) => names.includes(name));
}

function endsWith(...endings: readonly string[]): StackRow['recognises'] {
  return ({ names }) => names.some((name) => endings.some((ending) => name.endsWith(ending)));
}

/** A stack whose runner is only judged by its exit code. */
function byExitCode(
  stack: Pick<Stack, 'language' | 'packageManager' | 'testRunner' | 'testCommand' | 'testFile'> &
    Partial<Stack>,
): Partial<Stack> {
  return {
    linter: null,
    testIdForm: 'identifier',
    reporter: 'exit-code',
    featureTestCommand: `${stack.testCommand} {files}`,
    ...stack,
  };
}

export const STACK_ROWS: readonly StackRow[] = [
  { name: 'node', recognises: recognisesNode, describe: describeNode },
  { name: 'go', recognises: has('go.mod'), describe: describeGo },
  {
    name: 'python',
    recognises: has(
      'pyproject.toml',
      'setup.py',
      'setup.cfg',
      'requirements.txt',
      'Pipfile',
      'pytest.ini',
      'tox.ini',
    ),
    describe: describePython,
  },
  {
    name: 'rust',
    recognises: has('Cargo.toml'),
    describe: () =>
      byExitCode({
        language: 'rust',
        packageManager: 'cargo',
        testRunner: 'cargo test',
        testCommand: 'cargo test',
        linter: 'cargo clippy',
        testFile: 'tests/feature_{snake}.rs',
        featureTestCommand: 'cargo test',
      }),
  },
  {
    name: 'java-maven',
    recognises: has('pom.xml'),
    describe: ({ names }) => {
      const command = names.includes('mvnw') ? './mvnw' : 'mvn';
      return byExitCode({
        language: 'java',
        packageManager: 'maven',
        testRunner: 'junit',
        testCommand: `${command} -q test`,
        testFile: 'src/test/java/Feature{pascal}Test.java',
        featureTestCommand: `${command} -q test`,
      });
    },
  },
  {
    name: 'java-gradle',
    recognises: has('build.gradle', 'build.gradle.kts'),
    describe: ({ names }) => {
      const command = names.includes('gradlew') ? './gradlew' : 'gradle';
      return byExitCode({
        language: 'java',
        packageManager: 'gradle',
        testRunner: 'junit',
        testCommand: `${command} test`,
        testFile: 'src/test/java/Feature{pascal}Test.java',
        featureTestCommand: `${command} test`,
      });
    },
  },
  { name: 'ruby', recognises: has('Gemfile', '.rspec', 'Rakefile'), describe: describeRuby },
  {
    name: 'php',
    recognises: has('composer.json'),
    describe: ({ present }) => {
      const pest = present('composer.json')?.includes('"pestphp/pest"') === true;
      const runner = pest ? 'pest' : 'phpunit';
      return byExitCode({
        language: 'php',
        packageManager: 'composer',
        testRunner: runner,
        testCommand: `vendor/bin/${runner}`,
        testFile: 'tests/Feature{pascal}Test.php',
        testIdForm: pest ? 'title' : 'identifier',
      });
    },
  },
  {
    name: 'dotnet',
    recognises: endsWith('.sln', '.slnx', '.csproj', '.fsproj'),
    describe: () =>
      byExitCode({
        language: 'csharp',
        packageManager: 'nuget',
        testRunner: 'dotnet test',
        testCommand: 'dotnet test',
        linter: 'dotnet format --verify-no-changes',
        testFile: 'tests/Feature{pascal}Tests.cs',
        featureTestCommand: 'dotnet test',
      }),
  },
  {
    name: 'elixir',
    recognises: has('mix.exs'),
    describe: () =>
      byExitCode({
        language: 'elixir',
        packageManager: 'mix',
        testRunner: 'exunit',
        testCommand: 'mix test',
        linter: 'mix format --check-formatted',
        testFile: 'test/feature_{snake}_test.exs',
        testIdForm: 'title',
      }),
  },
];

function describeGo({ names }: ProjectFacts): Partial<Stack> {
  const linted = names.some((name) => /^\.golangci\.(ya?ml|toml|json)$/.test(name));
  return {
    language: 'go',
    packageManager: 'go',
    testRunner: 'go test',
    testCommand: 'go test ./...',
    linter: linted ? 'golangci-lint run' : 'go vet ./...',
    testFile: 'feature_{snake}_test.go',
    testIdForm: 'identifier',
    reporter: 'go-json',
    // Go compiles packages, not files: the whole module is run and the selection is made by name.
    featureTestCommand: 'go test -json {filter} ./...',
  };
}

function describePython({ present, names }: ProjectFacts): Partial<Stack> {
  const manifest = [
    'pyproject.toml',
    'setup.cfg',
    'requirements.txt',
    'requirements-dev.txt',
    'Pipfile',
    'tox.ini',
  ]
    .map((path) => present(path) ?? '')
    .join('\n');
  const pytest = names.includes('pytest.ini') || names.includes('conftest.py') || /\bpytest\b/.test(manifest);
  const manager = pythonManager(names, manifest);
  const python = {
    uv: 'uv run python',
    poetry: 'poetry run python',
    pipenv: 'pipenv run python',
    pip: 'python3',
  }[manager];
  const common: Partial<Stack> = {
    language: 'python',
    packageManager: manager,
    linter: /\bruff\b/.test(manifest) ? 'ruff check .' : /\bflake8\b/.test(manifest) ? 'flake8' : null,
    testFile: 'tests/test_feature_{snake}.py',
    testIdForm: 'identifier',
  };
  return pytest
    ? {
        ...common,
        testRunner: 'pytest',
        testCommand: `${python} -m pytest`,
        reporter: 'pytest',
        featureTestCommand: `${python} -m pytest -v -rA --tb=line --color=no {filter} {files}`,
      }
    : {
        ...common,
        testRunner: 'unittest',
        testCommand: `${python} -m unittest discover -s tests -t .`,
        reporter: 'unittest',
        featureTestCommand: `${python} -m unittest -v {files}`,
      };
}

function pythonManager(names: readonly string[], manifest: string): 'uv' | 'poetry' | 'pipenv' | 'pip' {
  if (names.includes('uv.lock')) return 'uv';
  if (names.includes('poetry.lock') || manifest.includes('[tool.poetry]')) return 'poetry';
  return names.includes('Pipfile') ? 'pipenv' : 'pip';
}

function describeRuby({ present, names }: ProjectFacts): Partial<Stack> {
  const gems = present('Gemfile') ?? '';
  const rspec = names.includes('.rspec') || names.includes('spec') || /\brspec\b/.test(gems);
  const common = {
    language: 'ruby',
    packageManager: 'bundler',
    linter: /\brubocop\b/.test(gems) ? 'bundle exec rubocop' : null,
  };
  return rspec
    ? byExitCode({
        ...common,
        testRunner: 'rspec',
        testCommand: 'bundle exec rspec',
        testFile: 'spec/feature_{snake}_spec.rb',
        testIdForm: 'title',
      })
    : byExitCode({
        ...common,
        testRunner: 'minitest',
        testCommand: 'bundle exec rake test',
        testFile: 'test/feature_{snake}_test.rb',
        featureTestCommand: 'bundle exec ruby -Itest {files}',
      });
}
