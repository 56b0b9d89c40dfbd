import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findClaude } from '../../../src/edges/agents/claude-program.ts';

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

const STUB = 'lib/@anthropic-ai/claude-code/bin/claude.exe';
const PLATFORM = `claude-code-${process.platform}-${process.arch}`;

describe('the search for Claude Code', () => {
  it('takes the named program before the one on the path', async () => {
    const onPath = executable('bin/claude');
    const named = executable('own/claude');
    const env = { PATH: dirname(onPath) };
    expect(await findClaude(env, root)).toBe(onPath);
    expect(await findClaude({ ...env, MURMUR8_CLAUDE_PROGRAM: named }, root)).toBe(named);
    expect(await findClaude({ ...env, MURMUR8_CLAUDE_PROGRAM: '/nowhere/claude' }, root)).toBeUndefined();
  });

  it('goes past the stub of an installation without install scripts', async () => {
    const stub = executable(STUB);
    mkdirSync(join(root, 'bin'));
    symlinkSync(stub, join(root, 'bin/claude'));
    const env = { PATH: join(root, 'bin') };
    expect(await findClaude(env, root)).toBe(join(root, 'bin/claude'));
    const real = executable(`lib/@anthropic-ai/${PLATFORM}/claude`);
    expect(await findClaude(env, root)).toBe(real);
  });
});
