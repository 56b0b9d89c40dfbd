import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { numberOf, parseRecord } from '../../core/agent/json-field.ts';

/**
 * What a session had cost when we last heard of it, integer micro-USD, so that a turn that goes on with it can be told
 * from all before: agents tell the cost of the whole session. What an attempt cost that was killed is in the next.
 *
 * @param homeDir the run's directory for agents
 */
export async function readAcpCost(homeDir: string, sessionId: string): Promise<number | undefined> {
  const path = fileOf(homeDir, sessionId);
  const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '');
  return numberOf(parseRecord(text)?.['costMicroUsd']);
}

/** A run whose directory cannot be written has worse problems, which are told elsewhere. */
export async function writeAcpCost(homeDir: string, sessionId: string, costMicroUsd: number): Promise<void> {
  const path = fileOf(homeDir, sessionId);
  if (path === undefined) return;
  try {
    await mkdir(folderOf(homeDir), { recursive: true, mode: 0o700 });
    await writeFile(path, `${JSON.stringify({ version: 1, costMicroUsd })}\n`, { mode: 0o600 });
  } catch {
    // The next turn's cost is then unknown.
  }
}

function folderOf(homeDir: string): string {
  return join(homeDir, 'acp-costs');
}

/** The id is of the agent's making, and becomes the name of a file. */
function fileOf(homeDir: string, sessionId: string): string | undefined {
  return /^[\w-]{1,100}$/.test(sessionId) ? join(folderOf(homeDir), `${sessionId}.json`) : undefined;
}
