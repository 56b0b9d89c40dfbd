import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { nearestTo } from '../../core/nearest.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Clock } from '../../engine/ports.ts';
import { makePrivateDirectory } from '../files/atomic-write.ts';
import { claimWithin } from '../files/claim.ts';
import { fileProblem } from '../files/file-problem.ts';
import {
  type DefinitionFile,
  definitionPath,
  hashOf,
  keepAside,
  placeDefinition,
  prepareDefinition,
  readDefinition,
  readPlainly,
  removeDefinition,
  settleDefinition,
} from './definition-file.ts';
import {
  indexPath,
  isPipelineName,
  newerFormat,
  type RegistryIndex,
  type RegistryRecord,
  readIndex,
  writeIndex,
} from './index-file.ts';
import { keepPlan, type PlanKey, readPlan, removePlan } from './plan-file.ts';

const LONGEST_WAIT_MS = 10_000;

export type { DefinitionFile } from './definition-file.ts';
export type { RegistryRecord } from './index-file.ts';

/** A pipeline whose definition is, byte for byte, what was registered. */
export interface RegisteredPipeline {
  readonly record: RegistryRecord;
  readonly text: string;
  /** Absolute. */
  readonly file: string;
}

/** A pipeline with its file as it is, for people to look at. */
export interface SeenPipeline {
  readonly record: RegistryRecord;
  readonly definition: DefinitionFile;
  /** Absolute. */
  readonly file: string;
}

export interface RegistryChange {
  readonly record: RegistryRecord;
  /** False when all was so before. */
  readonly changed: boolean;
  /** Where the text was put that somebody had written into the definition's file. */
  readonly setAside?: string;
}

/** The registered pipelines of a project: `pipelines/<name>.yaml` as authored, and `registry.json` beside them. */
export interface Registry {
  /** By name. */
  list(): Result<readonly SeenPipeline[]>;
  /** Reads one; a definition that was edited, or is gone, is still shown. */
  look(name: string): Result<SeenPipeline>;
  /** One that may be run: its text is what was registered, else it is a problem that says so. */
  find(name: string): Result<RegisteredPipeline>;
  create(name: string, text: string): Result<RegistryChange>;
  update(name: string, text: string): Result<RegistryChange>;
  remove(name: string): Result<RegistryRecord>;
  setEnabled(name: string, enabled: boolean): Result<RegistryChange>;
  /** What a definition was understood as before, if that is known and would be understood the same now. */
  plan(key: PlanKey): unknown;
  /** Keeps that, where it can be kept. */
  keepPlan(key: PlanKey, plan: unknown): void;
}

/** Writers exclude each other across processes; a reader sees each change whole or not at all, also after a crash. */
export function createRegistry(
  stateDirectory: string,
  clock: Clock = { now: Date.now, id: randomUUID },
): Registry {
  const directory = join(stateDirectory, 'pipelines');
  const now = () => new Date(clock.now()).toISOString();

  function seen(record: RegistryRecord): SeenPipeline {
    const { name, hash } = record;
    return {
      record,
      definition: readDefinition(directory, name, hash),
      file: definitionPath(directory, name),
    };
  }

  function recordOf({ records }: RegistryIndex, name: string): Result<RegistryRecord> {
    const record = records.find((one) => one.name === name);
    return record === undefined ? fail(unknownPipeline(name, records)) : ok(record);
  }

  /** Alone among all processes, and never over a file of a newer murmur8. */
  function change<T>(work: (index: RegistryIndex) => Result<T>): Result<T> {
    return alone(directory, () => {
      const index = readIndex(directory);
      if (!index.ok) return index;
      return index.value.newer ? fail(newerFormat(directory)) : work(index.value);
    });
  }

  function write(index: RegistryIndex, record: RegistryRecord): void {
    writeIndex(directory, [...index.records.filter(({ name }) => name !== record.name), record]);
  }

  const registry: Registry = {
    list() {
      const index = readIndex(directory);
      return index.ok ? ok(index.value.records.map(seen)) : index;
    },
    look(name) {
      const index = readIndex(directory);
      if (!index.ok) return index;
      const record = recordOf(index.value, name);
      return record.ok ? ok(seen(record.value)) : record;
    },
    find(name) {
      const found = registry.look(name);
      if (!found.ok) return found;
      const { record, definition, file } = found.value;
      return definition.state === 'registered'
        ? ok({ record, text: definition.text, file })
        : fail(untrustedProblem(found.value));
    },
    create: (name, text) =>
      change<RegistryChange>((index) => {
        if (!isPipelineName(name)) return fail(badName(name));
        const taken = index.records.find((one) => one.name === name);
        if (taken !== undefined) return fail(exists(name));
        const there = readPlainly(directory, name);
        if (!there.ok) return there;
        const file = definitionPath(directory, name);
        if (there.value !== undefined && there.value !== text) return fail(foreignFile(file));
        const at = now();
        const record = {
          id: clock.id(),
          name,
          enabled: true,
          created_at: at,
          updated_at: at,
          revision: 1,
          hash: hashOf(text),
        };
        prepareDefinition(directory, name, text);
        write(index, record);
        placeDefinition(directory, name);
        return ok({ record, changed: true });
      }),
    update: (name, text) =>
      change<RegistryChange>((index) => {
        const found = recordOf(index, name);
        if (!found.ok) return found;
        settleDefinition(directory, name, found.value.hash);
        const before = readDefinition(directory, name, found.value.hash);
        const hash = hashOf(text);
        const same = hash === found.value.hash;
        if (same && before.state === 'registered') return ok({ record: found.value, changed: false });
        const record = same
          ? found.value
          : { ...found.value, hash, revision: found.value.revision + 1, updated_at: now() };
        const kept =
          before.state === 'edited' && before.text !== text
            ? keepAside(directory, name, before.text)
            : undefined;
        prepareDefinition(directory, name, text);
        if (!same) write(index, record);
        placeDefinition(directory, name);
        return ok({ record, changed: true, ...(kept === undefined ? {} : { setAside: kept }) });
      }),
    remove: (name) =>
      change((index) => {
        const found = recordOf(index, name);
        if (!found.ok) return found;
        // The file first: a record without one can still be seen and deleted again, a file without a record cannot.
        removeDefinition(directory, name);
        removePlan(directory, name);
        writeIndex(
          directory,
          index.records.filter((one) => one.name !== name),
        );
        return found;
      }),
    setEnabled: (name, enabled) =>
      change<RegistryChange>((index) => {
        const found = recordOf(index, name);
        if (!found.ok) return found;
        if (found.value.enabled === enabled) return ok({ record: found.value, changed: false });
        const record = { ...found.value, enabled, updated_at: now() };
        write(index, record);
        return ok({ record, changed: true });
      }),
    plan: (key) => readPlan(directory, key),
    keepPlan: (key, plan) => keepPlan(directory, key, plan),
  };
  return registry;
}

function alone<T>(directory: string, work: () => Result<T>): Result<T> {
  try {
    const locks = join(directory, '.lock');
    makePrivateDirectory(locks);
    const claim = claimWithin(locks, 'registry', LONGEST_WAIT_MS);
    if (claim === undefined) return fail(busy(directory));
    try {
      return work();
    } finally {
      claim.release();
    }
  } catch (error) {
    return fail(fileProblem(error, directory, 'cannot write the registry of pipelines'));
  }
}

function busy(directory: string): Problem {
  return {
    code: 'busy',
    message: 'another process is changing the registry of pipelines',
    file: indexPath(directory),
    hint: 'run the same command again',
  };
}

function badName(name: string): Problem {
  return {
    code: 'bad-name',
    message: `${JSON.stringify(name.slice(0, 80))} is no name of a pipeline`,
    hint: 'it begins with a letter or digit, holds only a-z, 0-9, ".", "_" and "-", and has 63 characters at most',
  };
}

function unknownPipeline(name: string, records: readonly RegistryRecord[]): Problem {
  const names = records.map((record) => record.name);
  const near = nearestTo(name.slice(0, 80), names);
  const known = names.length === 0 ? 'murmur8 pipeline create <file> registers one' : 'murmur8 pipeline list';
  return {
    code: 'not-found',
    message: `there is no pipeline ${JSON.stringify(name.slice(0, 80))}`,
    hint: near === undefined ? known : `did you mean ${near}?`,
  };
}

function exists(name: string): Problem {
  return {
    code: 'exists',
    message: `there is a pipeline ${name} already`,
    hint: `murmur8 pipeline update ${name} <file> registers a new definition of it`,
  };
}

function foreignFile(file: string): Problem {
  return {
    code: 'exists',
    message: 'is no registered pipeline, and holds something else',
    file,
    hint: `move it away, or register it as it is: murmur8 pipeline create ${file}`,
  };
}

/** Why a definition that is not what was registered is not run. */
export function untrustedProblem({ record, definition, file }: SeenPipeline): Problem {
  if (definition.state === 'unreadable') return definition.problem;
  const { name, revision } = record;
  if (definition.state === 'missing') {
    return {
      code: 'definition-missing',
      message: `the definition of ${name} is gone`,
      file,
      hint: `put it back: murmur8 pipeline update ${name} <file>`,
    };
  }
  return {
    code: 'definition-edited',
    message: `was edited since revision ${revision} of ${name} was registered; only what is registered is run`,
    file,
    hint: `register it: murmur8 pipeline update ${name} ${file}`,
  };
}
