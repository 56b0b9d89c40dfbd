import type { FeatureStage } from './paths.ts';

/**
 * Every rule that is checked after a stage, in the words that the stage's prompt uses for it. Prompt and check
 * share this table, so an agent is never failed for something it was not told.
 */
const SPECIFICATION_RULES = {
  'spec-missing': 'The feature specification exists and is not empty.',
  'feature-id': 'The frontmatter of the specification holds `featureId` with exactly the given value.',
  'spec-section':
    'Every section of the template is there and filled with real content; a section that does not apply says so in a sentence with the reason.',
  'spec-scope': 'The scope names both what is in scope and what is out of scope.',
  'spec-criteria':
    'Where no stories will be written, the specification has a section "Acceptance Criteria" with at least one criterion `AC-n`.',
} as const;

const CRITERION_RULES = {
  'criterion-form': 'Every acceptance criterion `AC-n` has a Given, a When and a Then line.',
  'criterion-id': 'No two criteria of one file carry the same number.',
} as const;

const HANDOFF_RULES = {
  'handoff-missing': 'The handoff note exists.',
  'handoff-length': 'The handoff note has fewer than 30 lines.',
  'handoff-heading':
    'The handoff note has **For:**, **Feature:**, Key Decisions, Files Created, Open Questions and Critical Context, each filled.',
  'handoff-for': '**For:** names the role that comes next.',
  'handoff-feature': '**Feature:** names the slug of this feature.',
} as const;

const STORY_RULES = {
  'story-missing': 'There is at least one story file `story-<name>.md`.',
  'story-sentence': 'Every story says "As a …, I want …, so that …".',
  'story-criteria': 'Every story has at least one acceptance criterion `AC-n`.',
} as const;

const TEST_RULES = {
  'test-spec-missing': 'The test specification exists.',
  'test-spec-mapping':
    'The test specification maps every acceptance criterion to at least one test id `T-…`.',
  'test-spec-unknown-criterion': 'The test specification names only criteria that exist.',
  'test-spec-ambiguous-criterion':
    'A criterion whose number occurs in several stories is named together with its story.',
  'test-file-missing': 'There is at least one test file.',
  'test-title': 'Every test id of the specification occurs in the title (or identifier) of a test.',
  'test-unmapped': 'Every test id that occurs in a title stands in the test specification.',
  'test-red':
    'Every test runs and fails before the code exists; only a test that the test specification declares as pending may be left out.',
} as const;

const PLAN_RULES = {
  'plan-missing': 'The implementation plan exists and has at least one step.',
  'plan-step-form': 'Every step is one line: N. `path` CREATE|MODIFY — what | Tests: ids (or none).',
  'plan-step-number': 'Steps are numbered from 1 without gaps.',
  'plan-path':
    "Every path is relative, stays inside the project and outside .git, .claude and the feature's own documents.",
  'plan-path-test': 'No step touches the tests that nigel wrote.',
  'plan-modify-missing': 'MODIFY names a file that exists or that an earlier step creates.',
  'plan-create-existing': 'CREATE names a file that does not exist yet.',
  'plan-unknown-test': 'A step names only test ids of the test specification.',
  'plan-coverage': 'Every test id of the test specification is covered by at least one step.',
} as const;

const IMPLEMENTATION_RULES = {
  'step-file-missing': 'Every file that the plan creates or modifies exists.',
  'tests-changed': 'The tests that nigel wrote are unchanged.',
  'test-green':
    'Every mapped test passes, apart from those declared as pending; at the end the whole test command of the project passes.',
} as const;

/** Rules by stage, with the words for people and prompts. */
export const CONTRACT_RULES = {
  alex: { ...SPECIFICATION_RULES, ...CRITERION_RULES, ...HANDOFF_RULES },
  cass: { ...STORY_RULES, ...CRITERION_RULES, ...HANDOFF_RULES },
  nigel: { ...TEST_RULES, ...HANDOFF_RULES },
  'codey-plan': PLAN_RULES,
  'codey-implement': IMPLEMENTATION_RULES,
} as const satisfies Record<FeatureStage, Record<string, string>>;

type RulesOf<S> = S extends unknown ? keyof S : never;

/** Name of a rule, as it stands in findings. */
export type ContractRule = RulesOf<(typeof CONTRACT_RULES)[FeatureStage]>;

/** The contract of a stage as a list, for its prompt. */
export function contractInWords(stage: FeatureStage): string {
  return Object.entries(CONTRACT_RULES[stage])
    .map(([rule, words]) => `- ${words} (${rule})`)
    .join('\n');
}
