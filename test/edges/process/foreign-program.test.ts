import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { foreignProgram } from '../../../src/edges/process/foreign-program.ts';

const directory = mkdtempSync(join(tmpdir(), 'murmur8-foreign-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}

/** The beginning of an ELF file for a machine of little endian. */
const elf = (machine: number) =>
  Buffer.concat([
    Buffer.from('7f454c46020101000000000000000000', 'hex'),
    Buffer.from([2, 0, machine, 0]),
    Buffer.alloc(64),
  ]);

describe('a program of another machine', () => {
  it('is told by its header', async () => {
    const other = process.arch === 'arm64' ? 62 : 183;
    const name = process.arch === 'arm64' ? 'x64' : 'arm64';
    expect(await foreignProgram(file('elf', elf(other)))).toContain(`it is a program for linux ${name}, and`);
    expect(await foreignProgram(file('pe', 'MZ\x90\0'))).toContain('it is a program for Windows');
  });

  it('is neither the one that runs this test, nor a script, nor what is not there', async () => {
    expect(await foreignProgram(process.execPath)).toBeUndefined();
    expect(await foreignProgram(file('script', '#!/bin/sh\necho 1.2.3\n'))).toBeUndefined();
    expect(await foreignProgram(file('empty', ''))).toBeUndefined();
    expect(await foreignProgram(join(directory, 'nothing'))).toBeUndefined();
  });
});
