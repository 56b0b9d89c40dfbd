import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unfitProgram } from '../../../src/edges/process/unfit-program.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'murmur8-program-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (content: string | Uint8Array, mode = 0o755) => {
  const path = join(directory, 'agent');
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
  return path;
};

/** The head of an ELF file for a machine. */
const elf = (machine: number) => {
  const head = Buffer.alloc(64);
  head.write('\x7fELF\x02\x01', 'latin1');
  head.writeUInt16LE(machine, 18);
  return head;
};

describe('a program that cannot be started here', () => {
  it('is none where nothing speaks against it', async () => {
    expect(await unfitProgram(process.execPath)).toBeUndefined();
    expect(await unfitProgram(file('#!/bin/sh\nexit 0\n'))).toBeUndefined();
    expect(await unfitProgram(file('#! /usr/bin/env node'))).toBeUndefined();
    const link = join(directory, 'link');
    symlinkSync(file('#!/bin/sh\n'), link);
    expect(await unfitProgram(link)).toBeUndefined();
  });

  it('was made for another machine', async () => {
    const here = `${process.platform} ${process.arch}`;
    const other = process.arch === 'arm64' ? [62, 'x64'] : [183, 'arm64'];
    const said = await unfitProgram(file(elf(Number(other[0]))));
    expect(said).toMatch(new RegExp(`^is a program for \\w+ ${other[1]}, and this is ${here}$`));
    expect(await unfitProgram(file(elf(9999)))).toContain('machine 9999');
    expect(await unfitProgram(file(`MZ${'\0'.repeat(64)}`))).toContain('is a program for win32');
  });

  it.each([
    ['', 'is empty'],
    ['echo hello\n', 'is neither a program nor a script'],
    ['\x00\x01\x02garbage that is long enough', 'is neither a program nor a script'],
    ['#!/no/such/interpreter -x\n', 'is a script for /no/such/interpreter, which is not there'],
  ])('holds %j', async (content, said) => {
    expect(await unfitProgram(file(content))).toContain(said);
  });

  it('is none at all', async () => {
    expect(await unfitProgram(join(directory, 'absent'))).toBe('is not there');
    expect(await unfitProgram(directory)).toBe('is a directory');
    expect(await unfitProgram(file('#!/bin/sh\n', 0o644))).toBe('may not be executed');
    const link = join(directory, 'link');
    symlinkSync('/no/such/place', link);
    expect(await unfitProgram(link)).toBe('is a link to /no/such/place, which is not there');
  });
});
