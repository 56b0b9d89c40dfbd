import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codexVersionBeside, findCodex } from '../../../src/edges/agents/codex-program.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-find-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function executable(path: string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, '#!/bin/sh\n');
  chmodSync(full, 0o755);
  return full;
}

const PLATFORM = `codex-${process.platform}-${process.arch}`;

describe('the search for codex', () => {
  it.each([
    ['beside its package', `lib/@openai/${PLATFORM}`],
    ['below its package', `lib/@openai/codex/node_modules/@openai/${PLATFORM}`],
  ])('goes past the script of npm to the program %s, and tells its version', async (_, place) => {
    const script = executable('lib/@openai/codex/bin/codex.js');
    mkdirSync(join(root, 'bin'));
    symlinkSync(script, join(root, 'bin/codex'));
    const env = { PATH: join(root, 'bin') };
    expect(await findCodex(env, root)).toBe(join(root, 'bin/codex'));
    const native = executable(`${place}/vendor/some-triple/bin/codex`);
    writeFileSync(join(root, `${place}/vendor/some-triple/codex-package.json`), '{ "version": "0.169.0" }');
    expect(await findCodex(env, root)).toBe(native);
    expect(await codexVersionBeside(native)).toBe('0.169.0');
  });

  it('takes the named program before the one on the path, and knows no version of it', async () => {
    const onPath = executable('bin/codex');
    const named = executable('own/codex');
    const env = { PATH: dirname(onPath) };
    expect(await findCodex(env, root)).toBe(onPath);
    expect(await findCodex({ ...env, MURMUR8_CODEX_PROGRAM: './own/codex' }, root)).toBe(named);
    expect(await findCodex({ ...env, MURMUR8_CODEX_PROGRAM: '/nowhere/codex' }, root)).toBeUndefined();
    expect(await codexVersionBeside(named)).toBeUndefined();
  });
});
