import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import { gitLine } from './command.ts';
import type { Location } from './location.ts';

/**
 * A git directory of our own inside the user's, over the same objects and the same files, in which no text
 * conversion applies. So a checkpoint holds the bytes of the files whatever `core.autocrlf` and `.gitattributes`
 * say, and the user's index is not even opened for writing. Filters (large files, encryption) still apply.
 */
export interface Shadow {
  readonly root: string;
  /** A fresh name for a temporary index. */
  newIndex(): string;
  /** The environment that points git at the shadow and at one index. */
  environment(index: string): Readonly<Record<string, string>>;
}

let counter = 0;

/** Writes the shadow directory (its content follows from the repository's configuration). */
export async function openShadow(place: Location): Promise<Result<Shadow>> {
  const directory = join(place.gitDir, 'murmur8');
  const format = await gitLine(['rev-parse', '--show-object-format'], { cwd: place.root });
  if (!format.ok) return format;
  await mkdir(join(directory, 'refs'), { recursive: true, mode: 0o700 });
  await mkdir(join(directory, 'info'), { recursive: true });
  await put(join(directory, 'HEAD'), 'ref: refs/heads/none\n');
  await put(join(directory, 'config'), await configuration(place, format.value ?? 'sha1'));
  const attributes = await textOf(join(place.commonDir, 'info/attributes'));
  await put(
    join(directory, 'info/attributes'),
    `${attributes}\n* -text -ident !eol !working-tree-encoding\n`,
  );
  await put(join(directory, 'info/exclude'), await textOf(join(place.commonDir, 'info/exclude')));
  await Promise.all(FILTER_STORES.map((name) => linkStore(place, directory, name)));
  await removeStale(directory);
  return ok({
    root: place.root,
    newIndex() {
      counter += 1;
      return join(directory, `index-${process.pid}-${counter}`);
    },
    environment: (index) => ({
      GIT_DIR: directory,
      GIT_WORK_TREE: place.root,
      GIT_OBJECT_DIRECTORY: join(place.commonDir, 'objects'),
      GIT_INDEX_FILE: index,
    }),
  });
}

/** Where clean and smudge filters keep keys and contents, relative to a git directory. */
const FILTER_STORES = ['lfs', 'git-crypt', 'annex'];

async function configuration(place: Location, objectFormat: string): Promise<string> {
  const include = (path: string) => `[include]\n\tpath = ${quoted(path)}\n`;
  const worktreeConfig = join(place.gitDir, 'config.worktree');
  return [
    objectFormat === 'sha1'
      ? '[core]\n\trepositoryformatversion = 0\n'
      : `[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = ${objectFormat}\n`,
    include(join(place.commonDir, 'config')),
    (await exists(worktreeConfig)) ? include(worktreeConfig) : '',
    // Later lines win over what was included.
    '[core]\n\tbare = false\n\tautocrlf = false\n\tsafecrlf = false\n\tsparseCheckout = false\n',
    '\tlogAllRefUpdates = false\n\tuntrackedCache = false\n',
  ].join('');
}

function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`;
}

async function linkStore(place: Location, directory: string, name: string): Promise<void> {
  const target = join(place.commonDir, name);
  if (await exists(target)) await symlink(target, join(directory, name)).catch(unlessThere);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** Indexes that a killed process left behind. */
async function removeStale(directory: string): Promise<void> {
  const day = 24 * 60 * 60 * 1000;
  for (const name of await readdir(directory)) {
    if (!name.startsWith('index-')) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.ctimeMs > day) await rm(path, { force: true });
  }
}

async function put(path: string, text: string): Promise<void> {
  if ((await textOf(path)) === text && text !== '') return;
  counter += 1;
  const temporary = `${path}.${process.pid}-${counter}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
