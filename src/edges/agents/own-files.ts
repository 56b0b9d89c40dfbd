import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { OwnFile } from './cli-agent-definition.ts';

/** Writes an agent's configuration for one start. It may hold a key, so it is its owner's alone. The error is the reason. */
export async function writeOwnFiles(files: readonly OwnFile[]): Promise<Result<void, string>> {
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, text, { mode: 0o600 });
      // The mode above counts for new files only.
      await chmod(path, 0o600);
    }
    return ok(undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`the agent's configuration cannot be written: ${reason}`);
  }
}
