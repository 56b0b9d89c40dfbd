import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The real program as it would be installed, with a blueprint of the test's own, beside an empty project. */
export interface PackageCopy {
  readonly project: string;
  /** Replaces what the package ships and its version. */
  ship(version: string, files: Readonly<Record<string, string>>): void;
  run(command: string, args?: readonly string[], cwd?: string): Ended;
  /** Runs a command while nobody may write into the project, not even who runs the tests as root. */
  runReadOnly(command: string): Ended;
  write(path: string, text: string): void;
  read(path: string): string;
  /** All files of the project with their contents. */
  contents(): Record<string, string>;
  remove(): void;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const NOBODY = 65534;

export function packageCopy(commands: readonly string[]): PackageCopy {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-install-')));
  const shipped = join(base, 'package');
  const project = join(base, 'project');
  mkdirSync(join(shipped, 'bin'), { recursive: true });
  mkdirSync(join(shipped, 'dist'));
  mkdirSync(project);
  copyFileSync(join(repository, 'bin/murmur8.cjs'), join(shipped, 'bin/murmur8.cjs'));
  copyFileSync(join(repository, 'dist/package.json'), join(shipped, 'dist/package.json'));
  const shared = readdirSync(join(repository, 'dist')).filter((file) => /^_.*\.cjs$/.test(file));
  for (const file of [...commands.map((name) => `${name}.cjs`), ...shared]) {
    copyFileSync(join(repository, 'dist', file), join(shipped, 'dist', file));
  }
  const put = (root: string, path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const start = (words: readonly string[], options: { cwd: string; uid?: number; gid?: number }): Ended => {
    const program = join(shipped, 'bin/murmur8.cjs');
    const done = spawnSync(process.execPath, [program, ...words], { ...options, encoding: 'utf8' });
    return { code: done.status, out: done.stdout, err: done.stderr };
  };
  return {
    project,
    ship(version, files) {
      rmSync(join(shipped, '.blueprint'), { recursive: true, force: true });
      put(shipped, 'package.json', JSON.stringify({ name: 'murmur8', version }));
      put(shipped, 'SKILL.md', `the skill of ${version}\n`);
      for (const [path, text] of Object.entries(files)) put(shipped, `.blueprint/${path}`, text);
    },
    run: (command, args = [], cwd = project) => start([command, ...args], { cwd }),
    runReadOnly(command) {
      const root = process.getuid?.() === 0;
      chmodSync(base, 0o755);
      chmodSync(project, 0o555);
      try {
        return start([command], { cwd: project, ...(root ? { uid: NOBODY, gid: NOBODY } : {}) });
      } finally {
        chmodSync(project, 0o755);
      }
    },
    write: (path, text) => put(project, path, text),
    read: (path) => readFileSync(join(project, path), 'utf8'),
    contents() {
      const paths = readdirSync(project, { recursive: true, encoding: 'utf8' });
      const files = paths.filter((path) => statSync(join(project, path)).isFile()).sort();
      return Object.fromEntries(files.map((path) => [path, readFileSync(join(project, path), 'utf8')]));
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}
