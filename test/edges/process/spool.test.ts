import { fstatSync, mkdtempSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openSpool, type Spool } from '../../../src/edges/process/spool.ts';

const base = mkdtempSync(join(tmpdir(), 'murmur8-spool-'));
let count = 0;
let directory: string;

beforeEach(() => {
  count += 1;
  directory = join(base, String(count));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const inodes = ({ stdout, stderr }: Spool) => [fstatSync(stdout).ino, fstatSync(stderr).ino];
const isOpen = (descriptor: number, inode: number | undefined) => {
  try {
    return fstatSync(descriptor).ino === inode;
  } catch {
    return false;
  }
};

test('a spool has no name, and is used again, empty, once nobody can write to it', () => {
  const first = openSpool(directory);
  const before = inodes(first);
  writeSync(first.stdout, 'said');
  writeSync(first.stderr, 'complained');
  expect(readdirSync(directory)).toEqual([]);
  first.close('again');
  const second = openSpool(directory);
  expect(inodes(second)).toEqual(before);
  expect([fstatSync(second.stdout).size, fstatSync(second.stderr).size]).toEqual([0, 0]);
  second.close();
});

test('two that are open at the same time are never the same', () => {
  const [one, two] = [openSpool(directory), openSpool(directory)];
  one.close('again');
  two.close('again');
  const [three, four] = [openSpool(directory), openSpool(directory)];
  expect(new Set([...inodes(three), ...inodes(four)]).size).toBe(4);
  three.close();
  four.close();
});

test('a spool of a tree that may have left somebody behind is closed', () => {
  const spool = openSpool(directory);
  const [inode] = inodes(spool);
  spool.close();
  expect(isOpen(spool.stdout, inode)).toBe(false);
});

test('one to which somebody still writes is not used again', () => {
  const spool = openSpool(directory);
  spool.close('again');
  writeSync(spool.stderr, 'still here');
  const next = openSpool(directory);
  expect([fstatSync(next.stdout).size, fstatSync(next.stderr).size]).toEqual([0, 0]);
  next.close();
});

test('those of one directory are closed once another is used', () => {
  const spool = openSpool(directory);
  const [inode] = inodes(spool);
  spool.close('again');
  const other = openSpool(join(base, 'other'));
  other.close('again');
  expect(isOpen(spool.stdout, inode)).toBe(false);
});
