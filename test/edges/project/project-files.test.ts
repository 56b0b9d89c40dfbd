import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { detectProjectStack } from '../../../src/edges/project/detect.ts';
import { createProjectFiles } from '../../../src/edges/project/project-files.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-project-files-')));
const root = join(base, 'project');
const outside = join(base, 'outside');

beforeEach(() => {
  for (const directory of [root, outside]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
  }
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  symlinkSync(outside, join(root, 'way-out'));
  symlinkSync(join(outside, 'secret.txt'), join(root, 'file-out.txt'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('files of a project', () => {
  test('are written with the directories on their way, and read back', async () => {
    const files = createProjectFiles(root);
    expect(await files.read('a/b/c.md')).toEqual({ ok: true, value: undefined });
    expect(await files.write('a/b/c.md', 'text é')).toEqual({ ok: true, value: undefined });
    expect(await files.read('a/b/c.md')).toEqual({ ok: true, value: 'text é' });
    expect(statSync(join(root, 'a/b/c.md')).mode & 0o777).toBe(0o644);
    expect(await files.exists('a/b/c.md')).toBe(true);
    expect(await files.exists('a/b/d.md')).toBe(false);
  });

  test('are listed by name, files only, none where there is no directory', async () => {
    const files = createProjectFiles(root);
    for (const name of ['d/z.md', 'd/a.md', 'd/sub/x.md']) await files.write(name, '');
    expect(await files.list('d')).toEqual(['a.md', 'z.md']);
    expect(await files.list('nothing')).toEqual([]);
  });

  test('larger than asked for are a problem that names them', async () => {
    const files = createProjectFiles(root);
    await files.write('large.md', 'x'.repeat(11));
    expect(await files.read('large.md', 10)).toMatchObject({
      ok: false,
      error: { code: 'file-too-large', file: 'large.md' },
    });
  });

  test('that are directories are a problem, not a text', async () => {
    mkdirSync(join(root, 'folder'));
    expect(await createProjectFiles(root).read('folder')).toMatchObject({
      ok: false,
      error: { file: 'folder' },
    });
  });
});

describe('a path that leads out of the project', () => {
  const ways = [
    '../outside/secret.txt',
    'a/../../outside/secret.txt',
    'way-out/secret.txt',
    'way-out/new/deep/file.txt',
    'file-out.txt',
    '..',
    join(outside, 'secret.txt'),
    'a\0b',
  ];

  test.each(ways)('%j is refused for reading and writing', async (path) => {
    const files = createProjectFiles(root);
    const problem = { ok: false, error: { code: 'outside-project', file: path } };
    expect(await files.read(path)).toMatchObject(problem);
    expect(await files.write(path, 'changed')).toMatchObject(problem);
    expect(await files.exists(path)).toBe(false);
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
    expect(existsSync(join(outside, 'new'))).toBe(false);
  });

  test('lists nothing', async () => {
    expect(await createProjectFiles(root).list('way-out')).toEqual([]);
  });

  test('is not one that only looks like it', async () => {
    const files = createProjectFiles(root);
    for (const path of ['..a/file.md', 'a/../b.md', './c.md']) {
      expect(await files.write(path, 'x')).toEqual({ ok: true, value: undefined });
      expect(await files.read(path)).toEqual({ ok: true, value: 'x' });
    }
    symlinkSync(join(root, 'b.md'), join(root, 'link-inside.md'));
    expect(await files.read('link-inside.md')).toEqual({ ok: true, value: 'x' });
  });

  test('is judged by the real root, when the project itself is reached by a link', async () => {
    symlinkSync(root, join(base, 'alias'));
    const files = createProjectFiles(join(base, 'alias'));
    expect(await files.write('a.md', 'x')).toEqual({ ok: true, value: undefined });
    expect(readFileSync(join(root, 'a.md'), 'utf8')).toBe('x');
  });
});

describe('the stack of a project', () => {
  test('is what its files say', () => {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ devDependencies: { vitest: '4.0.0' } }));
    expect(detectProjectStack(root).testCommand).toContain('vitest');
  });

  test('is the default where nothing says anything', () => {
    expect(detectProjectStack(root).testCommand).toBe('node --test');
  });

  test('does not choke on a manifest that cannot be read', () => {
    mkdirSync(join(root, 'package.json'));
    expect(detectProjectStack(root).testCommand).toBe('node --test');
  });
});
