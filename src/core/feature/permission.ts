import { type FeatureStage, featurePaths } from './paths.ts';

/** Where the description of the whole system stands, if there is one. */
export const SYSTEM_SPECIFICATION = '.blueprint/system_specification/SYSTEM_SPEC.md';

/** What has to be known to say whether a stage may change a file. */
export interface PermissionContext {
  readonly slug: string;
  /** Nigel's test files, as far as they are known. */
  readonly testFiles: readonly string[];
}

/**
 * May an agent of this stage leave a change at this path? Alex, cass and nigel do not touch source, codey does not
 * touch the tests, nobody touches what an earlier stage has finished. What is not allowed is undone by the engine.
 */
export function mayChange(stage: FeatureStage, path: string, context: PermissionContext): boolean {
  const paths = featurePaths(context.slug);
  const inFeature = path.startsWith(`${paths.directory}/`);
  const name = inFeature ? path.slice(paths.directory.length + 1) : '';
  switch (stage) {
    case 'alex':
      return path === paths.specification || path === paths.handoffAlex || path === SYSTEM_SPECIFICATION;
    case 'cass':
      return /^story-[^/]+\.md$/.test(name) || path === paths.handoffCass;
    case 'nigel':
      if (path === paths.handoffNigel || path.startsWith(`${paths.artefacts}/`)) return true;
      return !inFeature && looksLikeTest(path);
    case 'codey-plan':
      return path === paths.plan || path === `${paths.directory}/handoff-codey.md`;
    case 'codey-implement':
      if (inFeature) return path === `${paths.directory}/handoff-codey.md`;
      return !path.startsWith(`${paths.artefacts}/`) && !context.testFiles.includes(path);
  }
}

/** By the conventions of the languages: a test directory, or a name that says test or spec. */
function looksLikeTest(path: string): boolean {
  return (
    /(^|\/)(tests?|__tests__|spec|specs|fixtures|testdata)\//i.test(path) ||
    /(^|[/._-])(test|spec)s?([._-]|$)/i.test(path) ||
    /Tests?\.[a-z]+$/.test(path)
  );
}
