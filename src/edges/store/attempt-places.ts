import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';

export interface Places {
  readonly answerFile: string;
  /** Takes outputs as `key=value` lines; not there when the attempt begins. */
  readonly outputFile: string;
  readonly logFile: string;
  readonly scratchDir: string;
  readonly homeDir: string;
}

/** No name of an attempt: those end in `<frame>-<attempt>`. */
const SHARED = 'commands';

const MAX_ANSWER_BYTES = 1 << 20;
const MAX_OUTPUT_BYTES = 1 << 20;

/**
 * Makes the private places of one attempt (the log is made by whoever has something to write); an answer left by an
 * earlier use of the name is taken away. With `shared` the scratch directory is one for all such attempts of the run,
 * enough for plain commands: to make and remove one for each costs a fifth of what it costs to start a command.
 */
export function attemptPlaces(runDirectory: string, name: string, scratch: 'own' | 'shared' = 'own'): Places {
  const flat = name.replaceAll('/', '_');
  const answers = join(runDirectory, 'answers');
  const places = {
    answerFile: join(answers, `${flat}.json`),
    outputFile: outputFileOf(runDirectory, name),
    logFile: join(runDirectory, 'logs', `${name}.log`),
    scratchDir: join(runDirectory, 'scratch', scratch === 'shared' ? SHARED : flat),
    homeDir: join(runDirectory, 'home'),
  };
  // Most often all are there: to look is a fraction of what it costs to make one that is.
  for (const needed of [answers, places.scratchDir, places.homeDir])
    if (!existsSync(needed)) makePrivateDirectory(needed);
  for (const left of [places.answerFile, places.outputFile]) takeAway(left);
  return places;
}

/** Whatever stands there: what a command has left may be a directory, also one that cannot be looked into, or a link to nowhere. */
function takeAway(left: string): void {
  if (lstatSync(left, { throwIfNoEntry: false }) === undefined) return;
  try {
    rmSync(left, { recursive: true, force: true });
  } catch {
    renameSync(left, `${left}.${randomUUID()}.aside`);
  }
}

/** Where the outputs of an attempt lie, made or not. */
export function outputFileOf(runDirectory: string, name: string): string {
  return join(runDirectory, 'answers', `${name.replaceAll('/', '_')}.outputs`);
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

/** Text of what an attempt gave out; undefined if nothing, a problem if it is too large or no file. */
export function readOutputs(outputFile: string): Result<string | undefined> {
  // Most leave nothing, and an error that is thrown for it costs more than the look.
  if (!existsSync(outputFile)) return ok(undefined);
  return readTextBounded(outputFile, MAX_OUTPUT_BYTES);
}

/**
 * Hides secrets in answers and outputs, which agents write into the run's directory themselves. What is taken of them
 * has been looked at before.
 */
export function hideSecretsLeft(runDirectory: string, mask: (text: string) => string): void {
  const answers = join(runDirectory, 'answers');
  for (const entry of readdirSync(answers, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(answers, entry.name);
    const text = readTextBounded(path, MAX_ANSWER_BYTES);
    if (text.ok && text.value === undefined) continue;
    // What is too large was of no use to anybody.
    const masked = text.ok ? mask(text.value ?? '') : '';
    if (!text.ok || masked !== text.value) writeFileAtomic(path, masked);
  }
}

/** Removes what only a running attempt needs. */
export function removeScratch(runDirectory: string): void {
  rmSync(join(runDirectory, 'scratch'), { recursive: true, force: true });
}
