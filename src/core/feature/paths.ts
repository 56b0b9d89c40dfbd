/** The stages of the feature pipeline, in their order. */
export const FEATURE_STAGES = ['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement'] as const;

export type FeatureStage = (typeof FEATURE_STAGES)[number];

export function isFeatureStage(name: string): name is FeatureStage {
  return (FEATURE_STAGES as readonly string[]).includes(name);
}

/** Where a feature's files lie, relative to the project's root. */
export interface FeaturePaths {
  readonly directory: string;
  readonly specification: string;
  readonly plan: string;
  /** Directory of nigel's artefacts. */
  readonly artefacts: string;
  readonly testSpecification: string;
  readonly handoffAlex: string;
  readonly handoffCass: string;
  readonly handoffNigel: string;
}

/** `slug` must have passed `parseSlug`. */
export function featurePaths(slug: string): FeaturePaths {
  const directory = `.blueprint/features/feature_${slug}`;
  const artefacts = `test/artifacts/feature_${slug}`;
  return {
    directory,
    specification: `${directory}/FEATURE_SPEC.md`,
    plan: `${directory}/IMPLEMENTATION_PLAN.md`,
    artefacts,
    testSpecification: `${artefacts}/test-spec.md`,
    handoffAlex: `${directory}/handoff-alex.md`,
    handoffCass: `${directory}/handoff-cass.md`,
    handoffNigel: `${directory}/handoff-nigel.md`,
  };
}

const STORY_FILE = /^(story-[A-Za-z0-9][A-Za-z0-9_-]*)\.md$/;

/** `story-login` for a path that is a story of the feature; undefined for every other path. */
export function storyNameOf(path: string, slug: string): string | undefined {
  const directory = `${featurePaths(slug).directory}/`;
  if (!path.startsWith(directory)) return undefined;
  return STORY_FILE.exec(path.slice(directory.length))?.[1];
}

/** Paths of the stories among `paths`, sorted. */
export function storyPaths(paths: Iterable<string>, slug: string): string[] {
  return [...paths].filter((path) => storyNameOf(path, slug) !== undefined).sort();
}

/** Everything given that is neither in the feature's directory nor among nigel's artefacts: the test files. */
export function testPaths(paths: Iterable<string>, slug: string): string[] {
  const { directory, artefacts } = featurePaths(slug);
  return [...paths]
    .filter((path) => !path.startsWith(`${directory}/`) && !path.startsWith(`${artefacts}/`))
    .sort();
}
