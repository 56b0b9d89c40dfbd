import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateDirectory } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';

export interface Places {
  readonly answerFile: string;
  readonly logFile: string;
  readonly scratchDir: string;
  readonly homeDir: string;
}

const MAX_ANSWER_BYTES = 1 << 20;

/** Makes the private places of one attempt; an answer left by an earlier use of the name is taken away. */
export function attemptPlaces(runDirectory: string, name: string): Places {
  const flat = name.replaceAll('/', '_');
  const places = {
    answerFile: join(runDirectory, 'answers', `${flat}.json`),
    logFile: join(runDirectory, 'logs', `${name}.log`),
    scratchDir: join(runDirectory, 'scratch', flat),
    homeDir: join(runDirectory, 'home'),
  };
  makePrivateDirectory(join(runDirectory, 'answers'));
  makePrivateDirectory(join(places.logFile, '..'));
  makePrivateDirectory(places.scratchDir);
  makePrivateDirectory(places.homeDir);
  rmSync(places.answerFile, { force: true });
  return places;
}

/** The JSON an agent left as its typed answer; undefined if there is none, it is too large or not JSON. */
export function readAnswer(answerFile: string): unknown {
  const text = readTextBounded(answerFile, MAX_ANSWER_BYTES);
  if (!text.ok || text.value === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.value);
    return value;
  } catch {
    return undefined;
  }
}

/** Removes what only a running attempt needs. */
export function removeScratch(runDirectory: string): void {
  rmSync(join(runDirectory, 'scratch'), { recursive: true, force: true });
}
