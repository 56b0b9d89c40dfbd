import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { mergeWithDefaults } from '../../core/config/merge.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory, writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { claimWithin } from '../files/claim.ts';
import { fileProblem } from '../files/file-problem.ts';
import { placeOfJsonError } from '../files/json-place.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import { CONFIG_SCHEMAS, CONFIG_VERSION, type ConfigKind, type ConfigOf } from './kinds.ts';

const LARGEST_CONFIG = 1024 * 1024;
const LONGEST_WAIT_MS = 5_000;

/** What stands in a file: only what a person has set; the rest comes from the defaults of the day. */
export type PartialConfig = Readonly<Record<string, unknown>>;

export function configPath(stateDir: string, kind: ConfigKind): string {
  return join(stateDir, `${kind}-config.json`);
}

/**
 * A configuration: what the file says over the defaults, which alone count where there is no file. A damaged or
 * invalid file is a problem that names the place. One of a newer murmur8 is read as far as it is understood.
 */
export function readConfig<Kind extends ConfigKind>(stateDir: string, kind: Kind): Result<ConfigOf<Kind>> {
  const partial = readPartial(stateDir, kind);
  if (!partial.ok) return partial;
  if (Object.keys(partial.value).length === 0) return ok(JSON.parse(CONFIG_DEFAULTS[kind]) as ConfigOf<Kind>);
  const value = isNewer(partial.value) ? understood(partial.value, kind) : partial.value;
  return validated(kind, value, configPath(stateDir, kind));
}

/** What the file holds, without defaults; empty when there is none. */
export function readPartial(stateDir: string, kind: ConfigKind): Result<PartialConfig> {
  const path = configPath(stateDir, kind);
  const text = readTextBounded(path, LARGEST_CONFIG);
  if (!text.ok) return text;
  if (text.value === undefined) return ok({});
  const json = text.value.replace(/^\uFEFF/, '');
  const place = placeOfJsonError(json);
  if (place !== undefined) return fail(damaged(path, kind, 'is no valid JSON here', place));
  const value: unknown = JSON.parse(json);
  return isObject(value)
    ? ok(value)
    : fail(damaged(path, kind, 'must hold a JSON object', { line: 1, column: 1 }));
}

/**
 * Replaces a configuration by what `change` makes of the file's content, alone among all processes, validated and
 * atomic. Nothing is written over a damaged file or one of a newer murmur8.
 */
export function writeConfig<Kind extends ConfigKind>(
  stateDir: string,
  kind: Kind,
  change: (partial: PartialConfig) => PartialConfig,
): Result<ConfigOf<Kind>> {
  return alone(stateDir, kind, () => {
    const path = configPath(stateDir, kind);
    const partial = readPartial(stateDir, kind);
    if (!partial.ok) return partial;
    if (isNewer(partial.value)) return fail(newer(path));
    const next = { ...change(partial.value), version: CONFIG_VERSION };
    const config = validated(kind, next, path);
    // A file that was valid before is not to blame for the new value.
    if (!config.ok && validated(kind, partial.value, path).ok) {
      return fail({ code: 'bad-value', message: config.error.message, hint: 'nothing was changed' });
    }
    if (!config.ok) return config;
    const text = `${JSON.stringify(ordered(next), null, 2)}\n`;
    noteSaved(stateDir, kind, createHash('sha256').update(text).digest('hex'));
    writeFileAtomic(path, text, { durable: true });
    return config;
  });
}

/** Back to the defaults: the file goes. A damaged one stays until a person has looked at it. */
export function removeConfig<Kind extends ConfigKind>(stateDir: string, kind: Kind): Result<ConfigOf<Kind>> {
  return alone(stateDir, kind, () => {
    const path = configPath(stateDir, kind);
    const text = readTextBounded(path, LARGEST_CONFIG);
    if (!text.ok) return text;
    const partial = readPartial(stateDir, kind);
    if (!partial.ok) return partial;
    if (isNewer(partial.value)) return fail(newer(path));
    noteSaved(stateDir, kind, '');
    if (text.value !== undefined) unlinkSync(path);
    return validated(kind, {}, path);
  });
}

/**
 * Beside the lock, for whoever looks after these files while agents are at work: it was a person who saved this. What an
 * agent has this program save is not noted.
 */
function noteSaved(stateDir: string, kind: ConfigKind, digest: string): void {
  if (process.env['MURMUR8_JOB'] !== undefined) return;
  writeFileAtomic(join(stateDir, '.config-lock', `${kind}-config.json.saved`), digest);
}

function alone<T>(stateDir: string, kind: ConfigKind, work: () => Result<T>): Result<T> {
  const path = configPath(stateDir, kind);
  try {
    const locks = join(stateDir, '.config-lock');
    makePrivateDirectory(locks);
    const claim = claimWithin(locks, kind, LONGEST_WAIT_MS);
    if (claim === undefined) {
      return fail({
        code: 'busy',
        message: 'another process is changing this file',
        file: path,
        hint: 'try again',
      });
    }
    try {
      return work();
    } finally {
      claim.release();
    }
  } catch (error) {
    return fail(fileProblem(error, path, 'cannot write'));
  }
}

function validated<Kind extends ConfigKind>(
  kind: Kind,
  value: PartialConfig,
  path: string,
): Result<ConfigOf<Kind>> {
  const merged = mergeWithDefaults(CONFIG_SCHEMAS[kind], value);
  return merged.ok ? ok(merged.value as ConfigOf<Kind>) : fail({ ...merged.error, file: path });
}

function isNewer(partial: PartialConfig): boolean {
  return typeof partial['version'] === 'number' && partial['version'] > CONFIG_VERSION;
}

/** The part of a newer file whose keys are known here. */
function understood(partial: PartialConfig, kind: ConfigKind): PartialConfig {
  const known = Object.keys(CONFIG_SCHEMAS[kind].shape);
  const kept = Object.entries(partial).filter(([key]) => known.includes(key));
  return { ...Object.fromEntries(kept), version: CONFIG_VERSION };
}

function ordered(partial: PartialConfig): PartialConfig {
  const { version, ...rest } = partial;
  return { version, ...rest };
}

function damaged(
  path: string,
  kind: ConfigKind,
  message: string,
  place: { line: number; column: number },
): Problem {
  return {
    code: 'config-damaged',
    message,
    file: path,
    ...place,
    hint: `mend it, or move it away and set the keys anew with murmur8 ${kind}-config set`,
  };
}

function newer(path: string): Problem {
  return {
    code: 'newer-format',
    message: `was written by a newer murmur8 (version above ${CONFIG_VERSION}) and is not overwritten`,
    file: path,
    hint: 'use that murmur8, or move the file away',
  };
}

function isObject(value: unknown): value is PartialConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
