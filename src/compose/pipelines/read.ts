import { join } from 'node:path';
import type { PipelineContext } from '../../core/pipeline/context.ts';
import type { Pipeline } from '../../core/pipeline/definition.ts';
import { type PipelineReading, readPipeline } from '../../core/pipeline/parse.ts';
import { createBlueprint } from '../../edges/blueprint/blueprint.ts';
import { readTextBounded } from '../../edges/files/bounded-read.ts';
import type { PlanKey } from '../../edges/registry/plan-file.ts';
import type { RegisteredPipeline, RegistryRecord } from '../../edges/registry/registry.ts';
import { type Place, registryOf } from './place.ts';
import { type Source, shownPath } from './source.ts';

const LARGEST_CONFIG = 1 << 20;

/** Reads a definition as it is understood in this place: with its agents and its default approvers. */
export async function readDefinition(source: Source, place: Place): Promise<PipelineReading> {
  return readPipeline(source.text, source.file, await contextOf(source.text, place));
}

/**
 * The same for what is registered, and byte for byte so. What was understood before is taken from the plan beside it,
 * and then neither YAML nor the grammar is loaded.
 */
export async function readRegistered(registered: RegisteredPipeline, place: Place): Promise<PipelineReading> {
  const { record, text, file } = registered;
  const context = await contextOf(text, place);
  const key = planKey(record, context);
  const planned = key === undefined ? undefined : registryOf(place).plan(key);
  if (planned !== undefined) return { pipeline: planned as Pipeline, problems: [] };
  const reading = await readPipeline(text, shownPath(place.cwd, file), context);
  keepPlan(reading, key, place);
  return reading;
}

/** Keeps what a definition that was just registered was understood as, for its first run. */
export async function rememberReading(
  record: RegistryRecord,
  text: string,
  reading: PipelineReading,
  place: Place,
): Promise<void> {
  keepPlan(reading, planKey(record, await contextOf(text, place)), place);
}

/** A definition with warnings is read each time, so that they are seen. */
function keepPlan({ pipeline, problems }: PipelineReading, key: PlanKey | undefined, place: Place): void {
  if (pipeline !== undefined && key !== undefined && problems.length === 0)
    registryOf(place).keepPlan(key, pipeline);
}

/** Undefined where the program was not built: code that changes with every edit has no name. */
function planKey({ name, hash }: RegistryRecord, context: PipelineContext): PlanKey | undefined {
  const grammar = process.env['MURMUR8_GRAMMAR'];
  if (grammar === undefined) return undefined;
  const { knownAgents, defaultApprovers } = context;
  const agents = knownAgents === undefined ? null : [...knownAgents];
  return { name, hash, grammar, context: JSON.stringify([agents, defaultApprovers]) };
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
