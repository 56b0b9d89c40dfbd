import type { PipelineContext } from '../../core/pipeline/context.ts';
import { type PipelineReading, readPipeline } from '../../core/pipeline/parse.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';
import type { Place } from './place.ts';
import type { Source } from './source.ts';

/** Reads a definition as it is understood in this place: with its agents and its default approvers. */
export async function readDefinition(source: Source, place: Place): Promise<PipelineReading> {
  return readPipeline(source.text, source.file, await contextOf(source.text, place));
}

async function contextOf(text: string, place: Place): Promise<PipelineContext> {
  const entries = await createBlueprint(place.root).list();
  const knownAgents = new Set(entries.filter(({ kind }) => kind === 'agents').map(({ name }) => name));
  return { knownAgents, defaultApprovers: await defaultApprovers(text, place.stateDirectory) };
}

/** The configuration is only opened for a definition that can need it: most of `validate`'s time would be its. */
async function defaultApprovers(text: string, stateDirectory: string): Promise<readonly string[]> {
  if (!text.includes('requires_approval')) return [];
  const { readConfig } = await import('../../edges/config/config-file.ts');
  const config = readConfig(stateDirectory, 'approval');
  return config.ok ? config.value.defaultApprovers : [];
}
