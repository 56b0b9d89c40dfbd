import type { ProjectFacts, Stack } from './stack.ts';

/** Node and TypeScript projects: a package.json, or a lone tsconfig.json. */
export function recognisesNode({ names }: ProjectFacts): boolean {
  return names.includes('package.json') || names.includes('tsconfig.json');
}

export function describeNode(facts: ProjectFacts): Partial<Stack> {
  const manifest = readManifest(facts);
  const typescript = facts.names.includes('tsconfig.json') || manifest.packages.has('typescript');
  const packageManager = nodePackageManager(facts.names, manifest.packageManager);
  const execute = EXECUTE[packageManager] ?? 'npx --no-install';
  const runner = nodeRunner(facts, manifest, typescript);
  const own = describeRunner(runner, execute, typescript, manifest.packages.has('tsx'));
  const testScript = manifest.scripts['test'];
  const scripted = testScript !== undefined && !testScript.includes('no test specified');
  return {
    ...own,
    language: typescript ? 'typescript' : 'javascript',
    packageManager,
    testRunner: runner,
    testCommand: scripted ? `${packageManager === 'bun' ? 'bun run' : packageManager} test` : own.testCommand,
    linter: nodeLinter(facts, manifest, packageManager, execute),
  };
}

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly packages: ReadonlySet<string>;
  readonly packageManager?: string;
}

function readManifest({ present }: ProjectFacts): Manifest {
  const parsed = parseObject(present('package.json') ?? '{}');
  const scripts = Object.entries(asObject(parsed['scripts'])).flatMap(([name, line]) =>
    typeof line === 'string' ? [[name, line] as const] : [],
  );
  const packages = ['dependencies', 'devDependencies'].flatMap((key) => Object.keys(asObject(parsed[key])));
  const manager = parsed['packageManager'];
  return {
    scripts: Object.fromEntries(scripts),
    packages: new Set(packages),
    ...(typeof manager === 'string' ? { packageManager: manager.split('@')[0] ?? manager } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    return {}; // A manifest that is no JSON tells nothing; npm itself will complain about it.
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

const LOCK_FILES: readonly (readonly [string, string])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

const EXECUTE: Readonly<Record<string, string>> = {
  pnpm: 'pnpm exec',
  yarn: 'yarn run',
  bun: 'bunx --no-install',
};

function nodePackageManager(names: readonly string[], declared: string | undefined): string {
  if (declared !== undefined && ['npm', 'pnpm', 'yarn', 'bun'].includes(declared)) return declared;
  return LOCK_FILES.find(([file]) => names.includes(file))?.[1] ?? 'npm';
}

type NodeRunner = 'vitest' | 'jest' | 'mocha' | 'node:test';

function nodeRunner(facts: ProjectFacts, manifest: Manifest, typescript: boolean): NodeRunner {
  const script = manifest.scripts['test'] ?? '';
  for (const runner of ['vitest', 'jest', 'mocha'] as const) {
    if (new RegExp(`\\b${runner}\\b`).test(script)) return runner;
  }
  if (/\bnode\b.*--test\b|\btsx\b.*--test\b/.test(script)) return 'node:test';
  for (const runner of ['vitest', 'jest', 'mocha'] as const) {
    const configured = facts.names.some(
      (name) => name.startsWith(`${runner}.config.`) || name.startsWith(`.${runner}rc`),
    );
    if (configured || manifest.packages.has(runner)) return runner;
  }
  return typescript && manifest.packages.has('ts-jest') ? 'jest' : 'node:test';
}

function describeRunner(
  runner: NodeRunner,
  execute: string,
  typescript: boolean,
  tsx: boolean,
): Pick<Stack, 'testCommand' | 'testFile' | 'testIdForm' | 'reporter' | 'featureTestCommand'> {
  const typed = typescript && (tsx || runner === 'vitest' || runner === 'jest');
  const common = {
    testFile: `test/feature_{slug}.test.${typed ? 'ts' : 'js'}`,
    testIdForm: 'title' as const,
  };
  switch (runner) {
    case 'vitest':
      return {
        ...common,
        testCommand: `${execute} vitest run`,
        reporter: 'vitest-json',
        featureTestCommand: `${execute} vitest run --reporter=json {filter} {files}`,
      };
    case 'jest':
      return {
        ...common,
        testCommand: `${execute} jest`,
        reporter: 'jest-json',
        featureTestCommand: `${execute} jest --json {filter} --runTestsByPath {files}`,
      };
    case 'mocha': {
      const loader = typed ? ' --import tsx' : '';
      return {
        ...common,
        testCommand: `${execute} mocha${loader} 'test/**/*.test.${typed ? 'ts' : 'js'}'`,
        reporter: 'mocha-json',
        featureTestCommand: `${execute} mocha${loader} --reporter json {filter} {files}`,
      };
    }
    case 'node:test': {
      // Without tsx, plain Node of the supported versions cannot load TypeScript: the tests are then JavaScript.
      const node = typed ? 'node --import tsx --test' : 'node --test';
      return {
        ...common,
        testCommand: typed ? `${node} test/*.test.ts` : node,
        reporter: 'tap',
        featureTestCommand: `${node} --test-reporter=tap {files}`,
      };
    }
  }
}

function nodeLinter(
  facts: ProjectFacts,
  manifest: Manifest,
  packageManager: string,
  execute: string,
): string | null {
  if (manifest.scripts['lint'] !== undefined) return `${packageManager} run lint`;
  if (facts.names.some((name) => /^biome\.jsonc?$/.test(name))) return `${execute} biome check .`;
  const eslint = facts.names.some(
    (name) => name.startsWith('eslint.config.') || name.startsWith('.eslintrc'),
  );
  return eslint || manifest.packages.has('eslint') ? `${execute} eslint .` : null;
}
