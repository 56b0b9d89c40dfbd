import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Result } from '../../../src/core/result.ts';

/** A real repository in a temporary directory. */
export interface TemporaryRepository {
  readonly root: string;
  git(...args: string[]): string;
  write(path: string, content: string | Uint8Array): void;
  bytes(path: string): string;
  text(path: string): string;
  /** All that a checkpoint must leave as it is, in one comparable value. */
  userState(): unknown;
  remove(): void;
}

export function temporaryRepository(options: { readonly identity?: boolean } = {}): TemporaryRepository {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8 git ')));
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      env: testEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  git('init', '-q', '-b', 'main');
  if (options.identity !== false) {
    git('config', 'user.name', 'Ada Tester');
    git('config', 'user.email', 'ada@example.com');
  }
  return {
    root,
    git,
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    bytes: (path) => readFileSync(join(root, path), 'latin1'),
    text: (path) => readFileSync(join(root, path), 'utf8'),
    userState() {
      const index = createHash('sha256')
        .update(readIfThere(join(root, '.git/index')))
        .digest('hex');
      return {
        index,
        head: readFileSync(join(root, '.git/HEAD'), 'utf8'),
        branches: git('for-each-ref', 'refs/heads', 'refs/tags'),
        stash: git('stash', 'list'),
        status: git('--no-optional-locks', 'status', '--porcelain=v2', '-uall'),
      };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The environment of a machine whose own git settings play no part. */
export function testEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
}

/** The value of a result that must not be a problem. */
export function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

/** The problem of a result that must not succeed. */
export function expectProblem<T>(result: Result<T>): {
  code: string;
  message: string;
  hint?: string | undefined;
} {
  if (result.ok) throw new Error('expected a problem');
  return result.error;
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
