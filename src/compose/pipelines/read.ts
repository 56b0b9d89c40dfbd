import { join } from 'node:path';
import type { PipelineContext } from '../../core/pipeline/context.ts';
import { type PipelineReading, readPipeline } from '../../core/pipeline/parse.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import type { Place } from './place.ts';
import type { Source } from './source.ts';

const LARGEST_CONFIG = 1 << 20;

/** Reads a definition as it is understood in this place: with its agents and its default approvers. */
export async function readDefinition(source: Source, place: Place): Promise<PipelineReading> {
  return readPipeline(source.text, source.file, await contextOf(source.text, place));
}

async function contextOf(text: string, place: Place): Promise<PipelineContext> {
  return {
    ...(await knownAgents(text, place)),
    defaultApprovers: defaultApprovers(text, place.stateDirectory),
  };
}

/** A definition of commands alone asks for no agent, and then nobody looks for any. */
async function knownAgents(text: string, place: Place): Promise<Pick<PipelineContext, 'knownAgents'>> {
  if (!/\bagent\b/.test(text)) return {};
  const entries = await createBlueprint(place.root).list();
  return {
    knownAgents: new Set(entries.filter(({ kind }) => kind === 'agents').map(({ name }) => name)),
  };
}

/**
 * Who decides where a gate names nobody. Only whether there is somebody matters here, so the file is looked at as it
 * is: what validates configurations would take longer to load than a definition takes to check. A damaged file is told
 * of by whatever acts upon it.
 */
function defaultApprovers(text: string, stateDirectory: string): readonly string[] {
  if (!text.includes('requires_approval')) return [];
  const config = readTextBounded(join(stateDirectory, 'approval-config.json'), LARGEST_CONFIG);
  try {
    const value: unknown = JSON.parse((config.ok ? config.value : undefined) ?? '{}');
    if (typeof value !== 'object' || value === null || !('defaultApprovers' in value)) return [];
    const named: unknown = value.defaultApprovers;
    return Array.isArray(named) ? named.filter((name): name is string => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
