import { describe, expect, it } from 'vitest';
import { detectStack } from '../../../src/core/feature/stack-detection.ts';
import { type ProjectCommands, projectCommands } from '../../../src/core/template/project-commands.ts';

function commandsOf(
  files: Readonly<Record<string, string>>,
  corrected: { readonly testCommand?: string; readonly linter?: string | null } = {},
): ProjectCommands {
  const present = (path: string): string | undefined => files[path];
  const names = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? path))];
  return projectCommands({ present, names }, { ...detectStack(present, names), ...corrected });
}

const scripts = (entries: Readonly<Record<string, string>>): string => JSON.stringify({ scripts: entries });

describe('the commands of a project', () => {
  it('are none where nothing tells what the project is', () => {
    expect(commandsOf({ 'README.md': '# x' })).toEqual({});
  });

  it('are its scripts, by its own package manager', () => {
    const manifest = scripts({ lint: 'eslint .', test: 'vitest run', build: 'tsc -p .' });
    expect(commandsOf({ 'package.json': manifest })).toEqual({
      lint: 'npm run lint',
      test: 'npm test',
      build: 'npm run build',
    });
    expect(commandsOf({ 'package.json': manifest, 'pnpm-lock.yaml': '' })).toEqual({
      lint: 'pnpm run lint',
      test: 'pnpm test',
      build: 'pnpm run build',
    });
  });

  it('are not made up for a Node project that names none', () => {
    expect(commandsOf({ 'package.json': '{}' })).toEqual({});
    expect(
      commandsOf({ 'package.json': scripts({ test: 'echo "Error: no test specified" && exit 1' }) }),
    ).toEqual({});
    expect(commandsOf({ 'package.json': '{"scripts": 5' })).toEqual({});
  });

  it('are those of a tool that is configured without a script', () => {
    const files = { 'package.json': '{"devDependencies":{"vitest":"4"}}', 'biome.json': '{}' };
    expect(commandsOf(files)).toEqual({
      lint: 'npx --no-install biome check .',
      test: 'npx --no-install vitest run',
    });
  });

  it.each([
    [
      'go',
      { 'go.mod': 'module x' },
      { lint: 'go vet ./...', test: 'go test ./...', build: 'go build ./...' },
    ],
    [
      'rust',
      { 'Cargo.toml': '[package]' },
      { lint: 'cargo clippy --all-targets -- -D warnings', test: 'cargo test', build: 'cargo build' },
    ],
    [
      'python with ruff and pytest',
      { 'pyproject.toml': '[build-system]\nrequires = []\n[tool.ruff]\n[tool.pytest.ini_options]\n' },
      {
        lint: 'ruff check .',
        test: 'python3 -m pytest',
        build: 'python3 -m pip wheel --no-deps --wheel-dir dist .',
      },
    ],
    ['python without anything', { 'requirements.txt': 'requests\n' }, {}],
    [
      'python of uv',
      { 'pyproject.toml': '[build-system]\n', 'uv.lock': '', 'tests/test_a.py': '' },
      { test: 'uv run python -m unittest discover -s tests -t .', build: 'uv build' },
    ],
  ])('are the usual ones of %s', (_, files, expected) => {
    expect(commandsOf(files as Record<string, string>)).toEqual(expected);
  });

  it('are what a person has set instead of what is detected', () => {
    const corrected = { testCommand: 'make check', linter: null };
    expect(commandsOf({ 'go.mod': '' }, corrected)).toEqual({ test: 'make check', build: 'go build ./...' });
    expect(commandsOf({}, { testCommand: 'make check' })).toEqual({ test: 'make check' });
  });
});
