import { createHash } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import type { Result } from '../../core/result.ts';
import { syncDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';

const LARGEST = 64 << 20;

/** A definition's file as it is now, compared with what was registered. */
export type DefinitionFile =
  | { readonly state: 'registered'; readonly text: string }
  /** Somebody changed it by hand. */
  | { readonly state: 'edited'; readonly text: string }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly problem: Problem };

export function definitionPath(directory: string, name: string): string {
  return join(directory, `${name}.yaml`);
}

/** SHA-256 of a definition's text, in hex. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Reads a definition. A change is prepared in a file beside it, takes place with the registry's rename, and then the
 * prepared file takes its name; if a crash came between, the prepared file is the definition.
 */
export function readDefinition(directory: string, name: string, hash: string): DefinitionFile {
  const file = readTextBounded(definitionPath(directory, name), LARGEST);
  if (file.ok && file.value !== undefined && hashOf(file.value) === hash)
    return { state: 'registered', text: file.value };
  const prepared = preparedText(directory, name, hash);
  if (prepared !== undefined) return { state: 'registered', text: prepared };
  if (!file.ok) return { state: 'unreadable', problem: file.error };
  return file.value === undefined ? { state: 'missing' } : { state: 'edited', text: file.value };
}

/** What stands in the file, whoever wrote it; undefined when there is none. */
export function readPlainly(directory: string, name: string): Result<string | undefined> {
  return readTextBounded(definitionPath(directory, name), LARGEST);
}

/** First step of a change. Throws the system's error. */
export function prepareDefinition(directory: string, name: string, text: string): void {
  writeFileAtomic(preparedPath(directory, name), text, { durable: true });
}

/** Last step of a change: what was prepared takes its place. Throws the system's error. */
export function placeDefinition(directory: string, name: string): void {
  renameSync(preparedPath(directory, name), definitionPath(directory, name));
  syncDirectory(directory);
}

/** Takes away what a change that never took place had prepared, and finishes one that did. */
export function settleDefinition(directory: string, name: string, hash: string | undefined): void {
  if (hash !== undefined && preparedText(directory, name, hash) !== undefined)
    placeDefinition(directory, name);
  else rmSync(preparedPath(directory, name), { force: true });
}

/** Copies what somebody wrote into a definition's file, before it is replaced. Answers where. */
export function keepAside(directory: string, name: string, text: string): string {
  const path = `${definitionPath(directory, name)}.edited-${hashOf(text).slice(0, 8)}`;
  writeFileAtomic(path, text, { durable: true });
  return path;
}

export function removeDefinition(directory: string, name: string): void {
  rmSync(preparedPath(directory, name), { force: true });
  rmSync(definitionPath(directory, name), { force: true });
  syncDirectory(directory);
}

function preparedText(directory: string, name: string, hash: string): string | undefined {
  const prepared = readTextBounded(preparedPath(directory, name), LARGEST);
  return prepared.ok && prepared.value !== undefined && hashOf(prepared.value) === hash
    ? prepared.value
    : undefined;
}

function preparedPath(directory: string, name: string): string {
  return `${definitionPath(directory, name)}.next`;
}
