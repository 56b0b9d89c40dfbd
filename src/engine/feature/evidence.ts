import type { ContractInput } from '../../core/feature/contract.ts';
import { featurePaths } from '../../core/feature/paths.ts';
import { parsePlan } from '../../core/feature/plan.ts';
import { testFileFor } from '../../core/feature/stack.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import type { FeatureWorld } from './world.ts';

const MAX_FILE_BYTES = 4 << 20;

/**
 * What is on disk for a feature, as the contracts look at it. With `step` (from zero) only that step's file of the
 * plan is looked for, so that a long plan is not walked through once per step.
 */
export async function gatherEvidence(
  world: FeatureWorld,
  state: RunState,
  step?: number,
): Promise<Result<ContractInput>> {
  const feature = featureOf(state);
  const paths = featurePaths(feature.slug);
  const files = new Map<string, string>();
  const wanted = [
    ...(await inDirectory(world, paths.directory)),
    ...(await inDirectory(world, paths.artefacts)),
    ...testFilesOf(world, state),
  ];
  for (const path of wanted) {
    const read = await world.files.read(path, MAX_FILE_BYTES);
    if (!read.ok) return read;
    if (read.value !== undefined) files.set(path, read.value);
  }
  return ok({
    slug: feature.slug,
    featureId: feature.featureId,
    withStories: hasStories(state),
    files,
    projectPaths: await plannedPaths(world, files.get(paths.plan), step),
    expectedTestFile: testFileFor(world.stack, feature.slug),
  });
}

/** Nigel's test files: those found after nigel's last attempt, else the one place where they are expected. */
export function testFilesOf(world: FeatureWorld, state: RunState): readonly string[] {
  const known = state.stages.get('nigel')?.outputs['test_files'];
  const expected = testFileFor(world.stack, featureOf(state).slug);
  return known === undefined ? [expected] : parseList(known);
}

/** Whether stories are part of this run: as asked for, else as alex's specification was judged. */
export function hasStories(state: RunState): boolean {
  const answer = state.created.variables['stories'] ?? state.stages.get('alex')?.outputs['stories'];
  const cass = state.stages.get('cass');
  if (cass?.status === 'skipped' && cass.skip?.reason !== 'NOT_SELECTED') return false;
  return answer !== 'no';
}

export function featureOf(state: RunState): {
  readonly slug: string;
  readonly featureId: string;
  readonly briefPath: string;
} {
  const { feature } = state.created;
  if (feature === undefined) throw new Error('this run has no feature');
  return feature;
}

export function parseList(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

async function inDirectory(world: FeatureWorld, directory: string): Promise<string[]> {
  const names = await world.files.list(directory);
  return names.filter((name) => name.endsWith('.md')).map((name) => `${directory}/${name}`);
}

/** Which of the files that the plan names exist. */
async function plannedPaths(
  world: FeatureWorld,
  plan: string | undefined,
  only: number | undefined,
): Promise<ReadonlySet<string>> {
  const existing = new Set<string>();
  const { steps } = parsePlan(plan ?? '');
  for (const step of only === undefined ? steps : steps.slice(only, only + 1)) {
    if (await world.files.exists(step.path)) existing.add(step.path);
  }
  return existing;
}
