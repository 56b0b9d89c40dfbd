import { constants } from 'node:fs';
import { access, lstat, open, readlink, stat } from 'node:fs/promises';

/**
 * Why a file cannot be started here, in words that follow its name; undefined when nothing speaks against it. Asked
 * before the start, for the system hands what is no program to a shell, which runs it line by line.
 *
 * @param path absolute
 */
export async function unfitProgram(path: string): Promise<string | undefined> {
  const target = await stat(path).catch(() => undefined);
  if (target === undefined) {
    const link = await lstat(path).then(
      (found) => (found.isSymbolicLink() ? readlink(path) : undefined),
      () => undefined,
    );
    return link === undefined ? 'is not there' : `is a link to ${link}, which is not there`;
  }
  if (target.isDirectory()) return 'is a directory';
  if (!target.isFile()) return 'is no file';
  const mayRun = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!mayRun) return 'may not be executed';
  const head = await firstBytes(path);
  return head === undefined ? undefined : unfitContent(head);
}

/** Enough for the longest first line that Linux takes notice of. */
const HEAD_BYTES = 256;

/** Undefined for a file that may be executed, but not read. */
async function firstBytes(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

async function unfitContent(head: Buffer): Promise<string | undefined> {
  if (head.length === 0) return 'is empty';
  const line = head.toString('latin1').split('\n', 1)[0] ?? '';
  if (line.startsWith('#!')) return unfitInterpreter(line.slice(2).trim().split(/\s+/)[0] ?? '');
  const made = madeFor(head);
  if (made === undefined)
    return 'is neither a program nor a script with a first line that names its interpreter';
  const { platform, arch } = made;
  if (platform === process.platform && (arch === undefined || arch === process.arch)) return undefined;
  return `is a program for ${[platform, arch].filter(Boolean).join(' ')}, and this is ${process.platform} ${process.arch}`;
}

async function unfitInterpreter(interpreter: string): Promise<string | undefined> {
  const isThere = await access(interpreter, constants.X_OK).then(
    () => true,
    () => false,
  );
  return isThere ? undefined : `is a script for ${interpreter}, which is not there`;
}

/** Machine numbers of the ELF specification, by Node's names. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

interface MadeFor {
  readonly platform: string;
  readonly arch?: string;
}

function madeFor(head: Buffer): MadeFor | undefined {
  const magic = head.length < 20 ? '' : head.toString('hex', 0, 4);
  if (magic === '7f454c46') {
    const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
    const arch = MACHINES[machine] ?? `machine ${machine}`;
    // Other systems use the form, too; only one of them runs here.
    return { platform: process.platform === 'darwin' ? 'linux' : process.platform, arch };
  }
  if (magic === 'cffaedfe') {
    const type = head.readUInt32LE(4);
    return {
      platform: 'darwin',
      ...(type === 0x0100000c ? { arch: 'arm64' } : type === 0x01000007 ? { arch: 'x64' } : {}),
    };
  }
  // One file for several machines.
  if (magic === 'cafebabe') return { platform: 'darwin' };
  return head.toString('latin1', 0, 2) === 'MZ' ? { platform: 'win32' } : undefined;
}
