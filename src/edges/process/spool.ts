import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

export type StreamName = 'stdout' | 'stderr';

export interface Spool {
  readonly stdout: FileHandle;
  readonly stderr: FileHandle;
  readonly remove: () => Promise<void>;
}

/**
 * Files that take a child's output, readable by the owner only. Files and not pipes, because coding agents drop
 * what a slow reader has not taken when they exit. They hold unmasked text and must not outlive the attempt.
 */
export async function openSpool(directory: string): Promise<Spool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const paths = { stdout: join(directory, 'stdout.spool'), stderr: join(directory, 'stderr.spool') };
  await Promise.all(Object.values(paths).map((path) => rm(path, { force: true })));
  const stdout = await open(paths.stdout, 'wx+', 0o600);
  const stderr = await open(paths.stderr, 'wx+', 0o600).catch(async (error: unknown) => {
    await stdout.close();
    throw error;
  });
  return {
    stdout,
    stderr,
    async remove() {
      await Promise.all([stdout.close(), stderr.close()]);
      await Promise.all(Object.values(paths).map((path) => rm(path, { force: true })));
    },
  };
}
