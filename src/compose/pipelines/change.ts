import type { Pipeline } from '../../core/pipeline/definition.ts';
import type { PipelineProblem } from '../../core/pipeline/problem.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { RegistryChange, RegistryRecord } from '../../edges/registry/registry.ts';
import { activeRunsOf } from './active-runs.ts';
import { type Place, registryOf } from './place.ts';
import { readDefinition, rememberReading } from './read.ts';
import { readSource, type Source } from './source.ts';

/** Why a definition was not registered: everything that is wrong in it, or what stands in its way. */
export type Refusal =
  | { readonly kind: 'definition'; readonly source: Source; readonly problems: readonly PipelineProblem[] }
  | { readonly kind: 'problem'; readonly problem: Problem };

export interface Registered extends RegistryChange {
  readonly pipeline: Pipeline;
  readonly source: Source;
  readonly warnings: readonly PipelineProblem[];
}

/** Registers the definition in a file (`-`: standard input) under the name that stands in it. */
export function createPipeline(path: string, place: Place): Promise<Result<Registered, Refusal>> {
  return register(path, place, ({ name }, text) => registryOf(place).create(name, text));
}

/** Registers a new definition of a pipeline; another `name:` inside is an error (spec: pipelines 9). */
export function updatePipeline(
  name: string,
  path: string,
  place: Place,
): Promise<Result<Registered, Refusal>> {
  return register(path, place, (pipeline, text, file) => {
    const registry = registryOf(place);
    const known = registry.look(name);
    if (!known.ok) return known;
    return pipeline.name === name ? registry.update(name, text) : fail(otherName(name, pipeline.name, file));
  });
}

/** Forgets a pipeline, unless a run of it is not over; its runs and their history stay (spec: pipelines 5). */
export function deletePipeline(name: string, place: Place): Result<RegistryRecord> {
  const registry = registryOf(place);
  const known = registry.look(name);
  if (!known.ok) return known;
  const active = activeRunsOf(place.stateDirectory, name);
  return active.length > 0 ? fail(hasActiveRuns(name, active)) : registry.remove(name);
}

/** A disabled pipeline starts no run by itself (spec: pipelines 8). */
export function setPipelineEnabled(name: string, enabled: boolean, place: Place): Result<RegistryChange> {
  return registryOf(place).setEnabled(name, enabled);
}

async function register(
  path: string,
  place: Place,
  write: (pipeline: Pipeline, text: string, file: string) => Result<RegistryChange>,
): Promise<Result<Registered, Refusal>> {
  const source = readSource(place.cwd, path);
  if (!source.ok) return fail({ kind: 'problem', problem: source.error });
  const reading = await readDefinition(source.value, place);
  const { pipeline, problems } = reading;
  if (pipeline === undefined) return fail({ kind: 'definition', source: source.value, problems });
  const written = write(pipeline, source.value.text, source.value.file);
  if (!written.ok) return fail({ kind: 'problem', problem: written.error });
  await rememberReading(written.value.record, source.value.text, reading, place);
  return ok({ ...written.value, pipeline, source: source.value, warnings: problems });
}

function otherName(name: string, inside: string, file: string): Problem {
  return {
    code: 'other-name',
    message: `is the definition of ${inside}, not of ${name}`,
    file,
    hint: `write name: ${name} into it, or register it on its own: murmur8 pipeline create ${file}`,
  };
}

const SHOWN_RUNS = 5;

function hasActiveRuns(name: string, active: readonly string[]): Problem {
  const more = active.length > SHOWN_RUNS ? ` and ${active.length - SHOWN_RUNS} more` : '';
  return {
    code: 'active-runs',
    message: `${name} has runs that are not over: ${active.slice(0, SHOWN_RUNS).join(', ')}${more}`,
    hint: `let them end, or end one for good: murmur8 pipeline cancel ${active[0] ?? ''}`,
  };
}
