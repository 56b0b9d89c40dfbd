import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { numberOf, parseRecord } from '../../core/agent/json-field.ts';

/** What is remembered of a session for the turn that goes on with it. */
export interface AcpPast {
  /**
   * What it had cost when we last heard of it, integer micro-USD: agents tell the cost of the whole session. What an
   * attempt cost that was killed is in the next.
   */
  readonly costMicroUsd?: number | undefined;
  /** When it was opened last, ms since the epoch. */
  readonly openedAt?: number | undefined;
}

/** @param homeDir the run's directory for agents */
export async function readAcpPast(homeDir: string, sessionId: string): Promise<AcpPast> {
  const path = fileOf(homeDir, sessionId);
  const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '');
  const record = parseRecord(text);
  return { costMicroUsd: numberOf(record?.['costMicroUsd']), openedAt: numberOf(record?.['openedAt']) };
}

/** A run whose directory cannot be written has worse problems, which are told elsewhere. */
export async function writeAcpPast(homeDir: string, sessionId: string, past: AcpPast): Promise<void> {
  const path = fileOf(homeDir, sessionId);
  if (path === undefined) return;
  try {
    await mkdir(folderOf(homeDir), { recursive: true, mode: 0o700 });
    await writeFile(path, `${JSON.stringify({ version: 1, ...past })}\n`, { mode: 0o600 });
  } catch {
    // What the next turn costs is then unknown.
  }
}

function folderOf(homeDir: string): string {
  return join(homeDir, 'acp-sessions');
}

/** The id is of the agent's making, and becomes the name of a file. */
function fileOf(homeDir: string, sessionId: string): string | undefined {
  return /^[\w-]{1,100}$/.test(sessionId) ? join(folderOf(homeDir), `${sessionId}.json`) : undefined;
}
