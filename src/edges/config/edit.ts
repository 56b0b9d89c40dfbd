import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type PartialConfig, removeConfig, writeConfig } from './config-file.ts';
import { findKey, type KeyPath, nearestKey, settableKeys } from './key-path.ts';
import { CONFIG_SCHEMAS, type ConfigKind, type ConfigOf } from './kinds.ts';

/** Sets one dotted key to a value as a person typed it. */
export function setConfigKey<Kind extends ConfigKind>(
  stateDir: string,
  kind: Kind,
  key: string,
  typed: string,
): Result<ConfigOf<Kind>> {
  const path = findKey(CONFIG_SCHEMAS[kind], key);
  if (path === undefined) return fail(unknownKey(kind, key));
  const value = readTyped(typed, path);
  if (!value.ok) return fail({ ...value.error, message: `${key}: ${value.error.message}` });
  return writeConfig(stateDir, kind, (partial) => withValue(partial, path.parts, value.value));
}

/** Takes one key, or all of them, back to the default. */
export function resetConfig<Kind extends ConfigKind>(
  stateDir: string,
  kind: Kind,
  key: string | undefined,
): Result<ConfigOf<Kind>> {
  if (key === undefined) return removeConfig(stateDir, kind);
  const path = findKey(CONFIG_SCHEMAS[kind], key);
  if (path === undefined) return fail(unknownKey(kind, key));
  return writeConfig(stateDir, kind, (partial) => withoutValue(partial, path.parts));
}

function unknownKey(kind: ConfigKind, key: string): Problem {
  const near = nearestKey(CONFIG_SCHEMAS[kind], key);
  return {
    code: 'unknown-key',
    message: `${kind}-config has no key ${key}`,
    hint:
      near === undefined
        ? `its keys are ${settableKeys(CONFIG_SCHEMAS[kind]).join(', ')}`
        : `did you mean ${near}?`,
  };
}

/** A text stays one where the key takes texts; anything else is JSON, and a list may be written with commas. */
function readTyped(typed: string, path: KeyPath): Result<unknown> {
  if (typed === 'null' && path.types.includes('null')) return ok(null);
  if (path.types.includes('string')) return ok(typed);
  try {
    const value: unknown = JSON.parse(typed);
    if (!path.types.includes('array') || Array.isArray(value)) return ok(value);
  } catch {
    if (!path.types.includes('array')) {
      const wanted = path.types.map((type) => WANTED[type] ?? type).join(' or ');
      return fail({
        code: 'bad-value',
        message: `${JSON.stringify(typed)} is not ${wanted}`,
        hint: path.types.includes('object')
          ? 'write it as JSON, in single quotes for the shell'
          : `give ${wanted}`,
      });
    }
  }
  return ok(
    typed
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}

const WANTED: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
};

function withValue(partial: PartialConfig, parts: readonly string[], value: unknown): PartialConfig {
  const [first, ...rest] = parts;
  if (first === undefined) return partial;
  const inside = rest.length === 0 ? value : withValue(objectAt(partial, first), rest, value);
  return Object.fromEntries([...Object.entries(partial).filter(([key]) => key !== first), [first, inside]]);
}

/** Without the value, and without the objects that it leaves empty. */
function withoutValue(partial: PartialConfig, parts: readonly string[]): PartialConfig {
  const [first, ...rest] = parts;
  if (first === undefined || !Object.hasOwn(partial, first)) return partial;
  const others = Object.entries(partial).filter(([key]) => key !== first);
  const inside = rest.length === 0 ? {} : withoutValue(objectAt(partial, first), rest);
  return Object.fromEntries(Object.keys(inside).length === 0 ? others : [...others, [first, inside]]);
}

function objectAt(partial: PartialConfig, key: string): PartialConfig {
  const value = Object.hasOwn(partial, key) ? partial[key] : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
