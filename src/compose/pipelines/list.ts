import type { Pipeline } from '../../core/pipeline/definition.ts';
import { ok, type Result } from '../../core/result.ts';
import type { SeenPipeline } from '../../edges/registry/registry.ts';
import type { KnownRun } from '../feature/find-run.ts';
import { lastRunsOf } from './active-runs.ts';
import { type Place, registryOf } from './place.ts';
import { readDefinition } from './read.ts';

/** A registered pipeline in a list. */
export interface ListedPipeline {
  readonly seen: SeenPipeline;
  /** Absent when the file cannot be understood. */
  readonly pipeline?: Pipeline;
  readonly lastRun?: KnownRun;
}

/** All registered pipelines by name, each with its latest run. */
export async function listPipelines(place: Place): Promise<Result<readonly ListedPipeline[]>> {
  const all = registryOf(place).list();
  if (!all.ok) return all;
  const runs = lastRunsOf(
    place.stateDirectory,
    all.value.map(({ record }) => record.name),
  );
  const listed: ListedPipeline[] = [];
  for (const seen of all.value) {
    const { definition, file, record } = seen;
    const pipeline =
      'text' in definition
        ? (await readDefinition({ text: definition.text, file }, place)).pipeline
        : undefined;
    const lastRun = runs.get(record.name);
    listed.push({
      seen,
      ...(pipeline === undefined ? {} : { pipeline }),
      ...(lastRun === undefined ? {} : { lastRun }),
    });
  }
  return ok(listed);
}
