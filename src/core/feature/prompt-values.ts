import { FEEDBACK_ANSWER } from './feedback.ts';
import { type FeatureStage, featurePaths } from './paths.ts';
import type { PlanStep } from './plan.ts';
import { quoteContent } from './prompt.ts';
import { contractInWords } from './rules.ts';
import { type Stack, testFileFor } from './stack.ts';
import { commandForTests } from './test-command.ts';

export interface PromptValuesInput {
  readonly stage: FeatureStage;
  readonly slug: string;
  readonly featureId: string;
  /** Relative to the project's root. */
  readonly briefPath: string;
  /** The brief itself, quoted into the prompt. */
  readonly brief: string;
  readonly withStories: boolean;
  readonly stack: Stack;
  /** Shared rules that stand in every prompt. */
  readonly guardrails: string;
  /** Step to be implemented now, for codey-implement. */
  readonly step?: PlanStep;
  /** Where the project's system specification lies, if it has one. */
  readonly systemSpecificationPath?: string;
  /** ISO date of today, for change logs. */
  readonly today: string;
}

/** Names of all values, the same for every stage, so that a changed prompt may use any of them. */
export type PromptValues = Readonly<Record<(typeof PROMPT_VALUE_NAMES)[number], string>>;

export const PROMPT_VALUE_NAMES = [
  'slug',
  'featureId',
  'stage',
  'briefPath',
  'brief',
  'today',
  'guardrails',
  'contract',
  'featureDirectory',
  'specificationPath',
  'storyPattern',
  'storyRule',
  'criteriaSource',
  'testSpecificationPath',
  'testFile',
  'testIdRule',
  'testCommand',
  'projectTestCommand',
  'stack',
  'planPath',
  'step',
  'handoffAlex',
  'handoffCass',
  'handoffNigel',
  'previousHandoff',
  'nextRole',
  'systemSpecification',
  'feedbackAnswer',
] as const;

export function promptValues(input: PromptValuesInput): PromptValues {
  const { slug, stage, stack, withStories } = input;
  const paths = featurePaths(slug);
  const testFile = testFileFor(stack, slug);
  return {
    slug,
    stage,
    featureId: input.featureId,
    briefPath: input.briefPath,
    brief: quoteContent(`brief ${input.briefPath}`, input.brief),
    today: input.today,
    guardrails: input.guardrails.trim(),
    contract: contractInWords(stage),
    featureDirectory: paths.directory,
    specificationPath: paths.specification,
    storyPattern: `${paths.directory}/story-<name>.md`,
    storyRule: withStories ? STORIES_FOLLOW : NO_STORIES,
    criteriaSource: withStories
      ? `the stories ${paths.directory}/story-*.md`
      : `the section "Acceptance Criteria" of ${paths.specification}`,
    testSpecificationPath: paths.testSpecification,
    testFile,
    testIdRule:
      stack.testIdForm === 'title'
        ? 'Begin the title of each test with its id, as in "T-1 greets a person by name".'
        : 'Put the id into the name of each test function with underscores, as in test_t_1_greets_by_name or TestT_1_GreetsByName.',
    testCommand: commandForTests(stack, { files: [testFile] }),
    projectTestCommand: stack.testCommand,
    stack: `${stack.language}, packages by ${stack.packageManager}, tests by ${stack.testRunner}${stack.linter === null ? '' : `, linted by ${stack.linter}`}`,
    planPath: paths.plan,
    step: describeStep(input.step),
    handoffAlex: paths.handoffAlex,
    handoffCass: paths.handoffCass,
    handoffNigel: paths.handoffNigel,
    previousHandoff: previousHandoff(stage, withStories, paths),
    nextRole: nextRole(stage, withStories),
    systemSpecification:
      input.systemSpecificationPath === undefined
        ? 'there is no system specification: work from the brief and the code'
        : `${input.systemSpecificationPath} describes the whole system`,
    feedbackAnswer: FEEDBACK_ANSWER,
  };
}

const STORIES_FOLLOW =
  'Say in the frontmatter whether the feature is `kind: user-facing` or `kind: technical` (nobody but developers and operators notices it). For a user-facing feature stories follow: leave the criteria to them and fill the section "Handover to BA (Cass)". For a technical one no stories follow: put the criteria into a section "Acceptance Criteria" instead, each as AC-n with Given, When and Then, and hand over to Nigel.';
const NO_STORIES =
  'No stories will be written for this feature: put the criteria into a section "Acceptance Criteria" of the specification, each as AC-n with Given, When and Then, and hand over to Nigel.';

function describeStep(step: PlanStep | undefined): string {
  if (step === undefined) return 'every step of the plan, in its order';
  const tests = step.tests.length === 0 ? 'none' : step.tests.join(', ');
  return quoteContent(
    `step ${step.number}`,
    `${step.number}. ${step.path} ${step.action} — ${step.what} | Tests: ${tests}`,
  );
}

function previousHandoff(
  stage: FeatureStage,
  withStories: boolean,
  paths: ReturnType<typeof featurePaths>,
): string {
  switch (stage) {
    case 'alex':
      return 'none, yours is the first stage';
    case 'cass':
      return paths.handoffAlex;
    case 'nigel':
      return withStories ? paths.handoffCass : paths.handoffAlex;
    case 'codey-plan':
    case 'codey-implement':
      return paths.handoffNigel;
  }
}

function nextRole(stage: FeatureStage, withStories: boolean): string {
  if (stage === 'alex' && withStories) return 'Cass';
  return stage === 'alex' || stage === 'cass' ? 'Nigel' : 'Codey';
}
