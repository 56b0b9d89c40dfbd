import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findProjectRoot } from '../../../src/edges/files/project-root.ts';
import { stateDirectory } from '../../../src/edges/files/state-directory.ts';

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-root-')));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true, force: true });
});

function directory(...parts: string[]): string {
  const path = join(base, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
}

describe('the root of a project', () => {
  it.each(['.claude', '.blueprint', '.git'])('is the nearest directory upwards with %s', (marker) => {
    directory('outer', '.git');
    directory('outer', 'project', marker);
    expect(findProjectRoot(directory('outer', 'project', 'a', 'b'))).toBe(join(base, 'outer', 'project'));
  });

  it('is in the main working tree for a linked one, without a git process', () => {
    const main = directory('main');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: main,
        stdio: 'pipe',
      });
    git('init', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'x');
    git('worktree', 'add', '-q', join(base, 'linked'));
    vi.stubEnv('PATH', '');
    expect(findProjectRoot(directory('linked', 'src'))).toBe(main);
    directory('linked', '.claude');
    expect(findProjectRoot(join(base, 'linked'))).toBe(main);
    expect(stateDirectory(join(base, 'linked'))).toBe(join(main, '.claude'));
  });

  it('is not the home directory for its settings of Claude Code alone', () => {
    vi.stubEnv('HOME', base);
    expect(homedir()).toBe(base);
    directory('.claude');
    expect(findProjectRoot(directory('code', 'new'))).not.toBe(base);
  });
});

describe('the state directory', () => {
  it('is what the flag says, then the variable, then .claude of the project', () => {
    const project = directory('project');
    directory('project', '.blueprint');
    expect(stateDirectory(directory('project', 'sub'))).toBe(join(project, '.claude'));
    vi.stubEnv('MURMUR8_STATE_DIR', 'elsewhere');
    expect(stateDirectory(project)).toBe(join(project, 'elsewhere'));
    expect(stateDirectory(project, '/absolute')).toBe('/absolute');
    vi.stubEnv('MURMUR8_STATE_DIR', '');
    expect(stateDirectory(project)).toBe(join(project, '.claude'));
  });
});
