import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { PipelineProblem } from '../../core/pipeline/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type RegistryRecord, type SeenPipeline, untrustedProblem } from '../../edges/registry/registry.ts';
import { type Place, registryOf } from './place.ts';
import { readDefinition } from './read.ts';
import { readSource, type Source, shownPath } from './source.ts';

/** A definition to be looked at, registered or not. */
export interface FoundDefinition {
  readonly source: Source;
  /** Absent for a file. */
  readonly record?: RegistryRecord;
  /** Whether it is, byte for byte, what was registered. */
  readonly state: 'registered' | 'edited' | 'file';
  /** Absent when it cannot be understood. */
  readonly pipeline?: Pipeline;
  readonly problems: readonly PipelineProblem[];
}

/**
 * The definition of a registered pipeline, or a file (`-` is standard input). A name of a registered one stands before
 * a file that is called the same; with a slash or an ending it is a file.
 */
export async function findDefinition(what: string, place: Place): Promise<Result<FoundDefinition>> {
  if (what === '-' || /[/\\]|\.ya?ml$/.test(what)) return fileDefinition(what, place);
  const seen = registryOf(place).look(what);
  if (seen.ok) return registeredDefinition(seen.value, place);
  if (seen.error.code !== 'not-found') return seen;
  const file = await fileDefinition(what, place);
  return !file.ok && file.error.code === 'no-file' ? seen : file;
}

async function registeredDefinition(seen: SeenPipeline, place: Place): Promise<Result<FoundDefinition>> {
  const { record, definition } = seen;
  if (!('text' in definition)) return fail(untrustedProblem(seen));
  const source = { text: definition.text, file: shownPath(place.cwd, seen.file) };
  return ok({ source, record, state: definition.state, ...(await readDefinition(source, place)) });
}

async function fileDefinition(path: string, place: Place): Promise<Result<FoundDefinition>> {
  const source = readSource(place.cwd, path);
  if (!source.ok) return source;
  return ok({ source: source.value, state: 'file', ...(await readDefinition(source.value, place)) });
}
