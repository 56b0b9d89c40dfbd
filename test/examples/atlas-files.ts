import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export const README = readFileSync(join(ROOT, 'examples/sprite-atlas/README.md'), 'utf8');

/** Copies the example into a directory, as its readers do; what they would install is linked. */
export function copyExample(directory: string): void {
  cpSync(join(ROOT, 'examples/sprite-atlas'), directory, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel. */
  readonly data: Buffer;
}

interface Png {
  readonly PNG: {
    readonly sync: { read(bytes: Buffer): Picture; write(picture: Picture): Buffer };
  };
}

const { PNG } = createRequire(import.meta.url)('pngjs') as Png;

export function decodePng(bytes: Buffer): Picture {
  return PNG.sync.read(bytes);
}

export function encodePng(picture: Picture): Buffer {
  return PNG.sync.write(picture);
}

/** Entries of the atlas by file name, as TexturePacker's "JSON hash" has them. */
export interface Sheet {
  readonly frames: Readonly<
    Record<
      string,
      {
        readonly frame: Box;
        readonly spriteSourceSize: Box;
        readonly sourceSize: { readonly w: number; readonly h: number };
      }
    >
  >;
  readonly meta: { readonly image: string; readonly size: { readonly w: number; readonly h: number } };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Address at which nobody listens. */
export async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/palette`;
}
