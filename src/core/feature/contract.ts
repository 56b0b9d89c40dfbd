import type { Finding } from './finding.ts';
import { checkHandoff } from './handoff.ts';
import { type FeatureStage, featurePaths, storyNameOf, storyPaths, testPaths } from './paths.ts';
import { checkPlan, parsePlan } from './plan.ts';
import { refusePlanPath } from './plan-path.ts';
import { checkSpecification, parseSpecification } from './specification.ts';
import { checkStory, parseStory } from './story.ts';
import {
  checkTestSpecification,
  mappedTestIds,
  parseTestSpecification,
  type SourcedCriterion,
} from './test-specification.ts';

/** What a stage left behind, and what it is held against. */
export interface ContractInput {
  readonly slug: string;
  /** The id that the engine gave this feature. */
  readonly featureId: string;
  readonly withStories: boolean;
  /** Relative path to text: everything in the feature's directory, in nigel's artefacts, and the test files. */
  readonly files: ReadonlyMap<string, string>;
  /**
   * Paths that exist in the project: before the code is written for `codey-plan`, after it for `codey-implement`.
   * Those of `files` count without being repeated here.
   */
  readonly projectPaths: ReadonlySet<string>;
  /** Where the tests are expected, for messages. */
  readonly expectedTestFile?: string;
  /** Texts of nigel's test files as they were when nigel had finished; for `codey-implement`. */
  readonly testsBefore?: ReadonlyMap<string, string>;
  /** Only this step of the plan is looked at; for one frame of `codey-implement`. */
  readonly step?: number;
}

/**
 * Does what a stage left behind hold? Every finding at once, none when it does. Whether tests are red or green is
 * judged from their report instead (test-judgement.ts).
 */
export function checkStage(stage: FeatureStage, input: ContractInput): Finding[] {
  switch (stage) {
    case 'alex':
      return checkAlex(input);
    case 'cass':
      return checkCass(input);
    case 'nigel':
      return checkNigel(input);
    case 'codey-plan':
      return checkCodeyPlan(input);
    case 'codey-implement':
      return checkCodeyImplement(input);
  }
}

function checkAlex({ slug, featureId, withStories, files }: ContractInput): Finding[] {
  const paths = featurePaths(slug);
  // Whether stories follow is only decided from the specification that is checked here: with stories, either may be next.
  const next = withStories ? ['Cass', 'Nigel'] : ['Nigel'];
  return [
    ...checkSpecification({
      file: paths.specification,
      text: files.get(paths.specification),
      featureId,
      withStories,
    }),
    ...checkHandoff({ file: paths.handoffAlex, text: files.get(paths.handoffAlex), slug, next }),
  ];
}

function checkCass({ slug, withStories, files }: ContractInput): Finding[] {
  if (!withStories) return [];
  const paths = featurePaths(slug);
  const stories = storyPaths(files.keys(), slug);
  const missing: Finding[] =
    stories.length > 0
      ? []
      : [
          {
            rule: 'story-missing',
            file: paths.directory,
            message: 'there is no story-<name>.md in this directory',
          },
        ];
  return [
    ...missing,
    ...stories.flatMap((path) => checkStory(path, files.get(path) ?? '')),
    ...checkHandoff({ file: paths.handoffCass, text: files.get(paths.handoffCass), slug, next: ['Nigel'] }),
  ];
}

function checkNigel(input: ContractInput): Finding[] {
  const { slug, files, expectedTestFile } = input;
  const paths = featurePaths(slug);
  return [
    ...checkTestSpecification({
      file: paths.testSpecification,
      text: files.get(paths.testSpecification),
      criteria: readAllCriteria(input),
      tests: testPaths(files.keys(), slug).map((path) => [path, files.get(path) ?? ''] as const),
      ...(expectedTestFile === undefined ? {} : { expectedTestFile }),
    }),
    ...checkHandoff({ file: paths.handoffNigel, text: files.get(paths.handoffNigel), slug, next: ['Codey'] }),
  ];
}

/**
 * The criteria that tests have to cover: those of the stories, or those of the specification's own section
 * "Acceptance Criteria" where the feature has no stories.
 */
export function readAllCriteria(
  input: Pick<ContractInput, 'slug' | 'withStories' | 'files'>,
): readonly SourcedCriterion[] {
  const { slug, withStories, files } = input;
  if (!withStories) {
    const text = files.get(featurePaths(slug).specification) ?? '';
    return parseSpecification(text).criteria.map((criterion) => ({ ...criterion, source: 'FEATURE_SPEC' }));
  }
  return storyPaths(files.keys(), slug).flatMap((path) =>
    parseStory(files.get(path) ?? '').criteria.map((criterion) => ({
      ...criterion,
      source: storyNameOf(path, slug) ?? path,
    })),
  );
}

function checkCodeyPlan({ slug, files, projectPaths }: ContractInput): Finding[] {
  const paths = featurePaths(slug);
  return checkPlan({
    file: paths.plan,
    text: files.get(paths.plan),
    testIds: mappedTestIds(parseTestSpecification(files.get(paths.testSpecification) ?? '')),
    testFiles: testPaths(files.keys(), slug),
    reservedDirectories: [paths.directory, paths.artefacts],
    exists: (path) => projectPaths.has(path) || files.has(path),
  });
}

function checkCodeyImplement({ slug, files, projectPaths, testsBefore, step }: ContractInput): Finding[] {
  const file = featurePaths(slug).plan;
  const steps = parsePlan(files.get(file) ?? '').steps;
  const missing = steps
    .filter((candidate) => step === undefined || candidate.number === step)
    .filter(({ path }) => refusePlanPath(path) === undefined && !projectPaths.has(path) && !files.has(path))
    .map((candidate): Finding => {
      const message = `step ${candidate.number} was to ${candidate.action.toLowerCase()} ${candidate.path}, which does not exist`;
      return { rule: 'step-file-missing', file: candidate.path, message };
    });
  const changed = [...(testsBefore ?? [])]
    .filter(([path, text]) => files.get(path) !== text)
    .map(([path]): Finding => {
      const what = files.has(path) ? 'was changed' : 'was removed';
      return {
        rule: 'tests-changed',
        file: path,
        message: `this test ${what}; put it back and fit the code to it`,
      };
    });
  return [...missing, ...changed];
}
