import type { ProjectFacts, Stack } from '../feature/stack.ts';
import { detectStack } from '../feature/stack-detection.ts';
import { STACK_ROWS } from '../feature/stack-table.ts';

/** Command lines of a project; one that is absent is not known. */
export interface ProjectCommands {
  readonly lint?: string;
  readonly test?: string;
  readonly build?: string;
}

/**
 * How this project lints, tests and builds, as far as its files say it. `stack` holds what a person has corrected:
 * where it differs from what is detected, it counts.
 */
export function projectCommands(facts: ProjectFacts, stack: Stack): ProjectCommands {
  const detected = detectStack(facts.present, facts.names);
  const recognised = STACK_ROWS.some((row) => row.recognises(facts));
  const lint = stack.linter !== detected.linter ? stack.linter : recognised ? linterOf(detected) : null;
  const own = stack.testCommand !== detected.testCommand;
  const test = own || (recognised && hasTests(facts, detected)) ? stack.testCommand : undefined;
  const build = recognised ? buildOf(facts, detected) : undefined;
  return {
    ...(lint === null ? {} : { lint }),
    ...(test === undefined ? {} : { test }),
    ...(build === undefined ? {} : { build }),
  };
}

/** Clippy ends well on warnings unless it is told otherwise. */
function linterOf(stack: Stack): string | null {
  return stack.packageManager === 'cargo' ? 'cargo clippy --all-targets -- -D warnings' : stack.linter;
}

/** `node --test` and `unittest` are also assumed where nothing speaks of tests; then nobody should rely on them. */
function hasTests(facts: ProjectFacts, stack: Stack): boolean {
  switch (stack.testRunner) {
    case 'node:test': {
      const script = scriptsOf(facts)['test'];
      return script !== undefined && !script.includes('no test specified');
    }
    case 'unittest':
      return facts.names.includes('tests');
    default:
      return true;
  }
}

const BUILDS: Readonly<Record<string, string>> = {
  go: 'go build ./...',
  cargo: 'cargo build',
  nuget: 'dotnet build',
  mix: 'mix compile --warnings-as-errors',
};

function buildOf(facts: ProjectFacts, stack: Stack): string | undefined {
  switch (stack.packageManager) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'bun':
      return scriptsOf(facts)['build'] === undefined ? undefined : `${stack.packageManager} run build`;
    case 'uv':
    case 'poetry':
    case 'pip':
      return pythonBuild(facts, stack.packageManager);
    case 'maven':
      return `${facts.names.includes('mvnw') ? './mvnw' : 'mvn'} -q -DskipTests package`;
    case 'gradle':
      return `${facts.names.includes('gradlew') ? './gradlew' : 'gradle'} assemble`;
    default:
      return BUILDS[stack.packageManager];
  }
}

/** Only a project that names a build system has something to be built. */
function pythonBuild(facts: ProjectFacts, manager: 'uv' | 'poetry' | 'pip'): string | undefined {
  if (!/^\s*\[build-system\]/m.test(facts.present('pyproject.toml') ?? '')) return undefined;
  return manager === 'pip' ? 'python3 -m pip wheel --no-deps --wheel-dir dist .' : `${manager} build`;
}

function scriptsOf(facts: ProjectFacts): Readonly<Record<string, string>> {
  const scripts = fieldOf(parsed(facts.present('package.json') ?? ''), 'scripts');
  if (typeof scripts !== 'object' || scripts === null) return {};
  return Object.fromEntries(Object.entries(scripts).filter(([, line]) => typeof line === 'string'));
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined; // A manifest that is no JSON says nothing about commands.
  }
}
