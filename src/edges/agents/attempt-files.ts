import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AgentOrder } from '../../engine/ports.ts';

export interface AttemptFiles {
  /** The prompt, read-only. */
  readonly promptFile: string;
  /** For the agent's temporary files. */
  readonly temporaryDir: string;
  readonly spoolDir: string;
}

/** Lays out an attempt's private directory. The error is the reason, for people. */
export async function prepareAttempt(
  order: AgentOrder,
  prompt: string,
): Promise<Result<AttemptFiles, string>> {
  const files: AttemptFiles = {
    promptFile: join(order.scratchDir, 'prompt.md'),
    temporaryDir: join(order.scratchDir, 'tmp'),
    spoolDir: join(order.scratchDir, 'spool'),
  };
  try {
    await mkdir(files.temporaryDir, { recursive: true, mode: 0o700 });
    // Owner-writable first: an attempt that is repeated in the same directory replaces its prompt.
    await chmod(files.promptFile, 0o600).catch(() => {});
    await writeFile(files.promptFile, prompt, { mode: 0o600 });
    await chmod(files.promptFile, 0o400);
    return ok(files);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`the attempt's directory cannot be prepared: ${reason}`);
  }
}
