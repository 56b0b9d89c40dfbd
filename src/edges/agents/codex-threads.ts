import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CodexThread } from '../../core/agent/codex-stream.ts';
import { numberOf, parseRecord, recordOf } from '../../core/agent/json-field.ts';

/**
 * What a thread had used when it last ended a turn, so that the next turn can be told from all before. What an
 * attempt used that was killed is in the total of the next, for codex did not tell it before.
 *
 * @param homeDir the run's directory for agents
 */
export async function readCodexThread(homeDir: string, id: string): Promise<CodexThread | undefined> {
  const path = fileOf(homeDir, id);
  const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '');
  const usage = recordOf(parseRecord(text)?.['usage']);
  const input = numberOf(usage?.['input']);
  const output = numberOf(usage?.['output']);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = numberOf(usage?.['cacheRead']) ?? 0;
  const cacheWrite = numberOf(usage?.['cacheWrite']) ?? 0;
  return { id, usage: { input, output, cacheRead, cacheWrite } };
}

export async function writeCodexThread(homeDir: string, { id, usage }: CodexThread): Promise<void> {
  const path = fileOf(homeDir, id);
  if (path === undefined) return;
  await mkdir(folderOf(homeDir), { recursive: true, mode: 0o700 });
  await writeFile(path, `${JSON.stringify({ version: 1, usage })}\n`, { mode: 0o600 });
}

function folderOf(homeDir: string): string {
  return join(homeDir, 'codex-threads');
}

/** The id is of codex's making, and becomes the name of a file. */
function fileOf(homeDir: string, id: string): string | undefined {
  return /^[\w-]{1,100}$/.test(id) ? join(folderOf(homeDir), `${id}.json`) : undefined;
}
