import { open } from 'node:fs/promises';

/** Numbers of machines in the header of an ELF file, in Node's words. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

/** How the native programs of other systems begin. */
const OTHERS: readonly (readonly [hex: string, system: string])[] = [
  ['cffaedfe', 'macOS'],
  ['cafebabe', 'macOS'],
  ['4d5a', 'Windows'],
];

/**
 * Why a program cannot run on this machine, as a clause; undefined where its header says nothing of the kind. The
 * system's own message says nothing about it: what is no program for it, it reads as a script.
 */
export async function foreignProgram(path: string): Promise<string | undefined> {
  const head = await headOf(path);
  const here = `${process.platform} ${process.arch}`;
  if (head.readUInt32BE(0) === 0x7f454c46) {
    const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
    const arch = MACHINES[machine] ?? `machine ${machine}`;
    const fits = process.platform === 'linux' && arch === process.arch;
    return fits ? undefined : `it is a program for linux ${arch}, and this is ${here}`;
  }
  const hex = head.toString('hex');
  const other = OTHERS.find(([start]) => hex.startsWith(start))?.[1];
  if (other === undefined || (other === 'macOS' && process.platform === 'darwin')) return undefined;
  return `it is a program for ${other}, and this is ${here}`;
}

/** The first twenty bytes, filled up with zeros. */
async function headOf(path: string): Promise<Buffer> {
  const head = Buffer.alloc(20);
  const file = await open(path).catch(() => undefined);
  try {
    await file?.read(head, 0, head.length, 0).catch(() => undefined);
  } finally {
    await file?.close();
  }
  return head;
}
