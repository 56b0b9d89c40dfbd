import { describe, expect, it } from 'vitest';
import { type ContractInput, checkStage } from '../../../src/core/feature/contract.ts';
import { formatFinding } from '../../../src/core/feature/finding.ts';
import { type FeatureStage, featurePaths } from '../../../src/core/feature/paths.ts';

const slug = 'login';
const featureId = 'a3f8c2d1-7e54-4b09-8f16-23a1e5d94c72';
const paths = featurePaths(slug);
const story = `${paths.directory}/story-sign-in.md`;
const testFile = 'test/feature_login.test.js';

const sections = [
  '1. Feature Intent',
  '2. Scope',
  '3. Actors Involved',
  '4. Behaviour Overview',
  '5. State & Lifecycle Interactions',
  '6. Rules & Decision Logic',
  '7. Dependencies',
  '8. Non-Functional Considerations',
  '9. Assumptions & Open Questions',
  '10. Impact on System Specification',
  '11. Handover to BA (Cass)',
  '12. Change Log (Feature-Level)',
];
const body = (title: string): string =>
  title.includes('Scope') ? '### In Scope\n\n- a\n\n### Out of Scope\n\n- b' : 'Users sign in.';
const specification = `---\nfeatureId: ${featureId}\n---\n\n# Feature Specification — Login\n\n${sections.map((title) => `## ${title}\n\n${body(title)}`).join('\n\n')}\n`;
const handoff = (next: string): string =>
  `## Handoff Summary\n**For:** ${next}\n**Feature:** ${slug}\n\n### Key Decisions\n- a\n\n### Files Created\n- b\n\n### Open Questions\n- None\n\n### Critical Context\nc\n`;
const criterion = (n: number): string => `**AC-${n} — title**\n- Given a,\n- When b,\n- Then c.\n`;
const storyText = `# Story — Sign in\n\n### User story\nAs a user, I want to sign in so that I see my things.\n\n${criterion(1)}\n${criterion(2)}`;
const testSpec =
  '# Tests\n\n| Story | AC | Test |\n|---|---|---|\n| story-sign-in | AC-1 | T-1 |\n| story-sign-in | AC-2 | T-LOGIN-2, T-3 |\n';
const tests =
  "import { test } from 'node:test';\ntest('T-1 a', () => {});\ntest('T-LOGIN-2 b', () => {});\ntest('T-3 c', () => {});\n";
const plan =
  '# Plan\n\n## Numbered Steps\n\n1. `src/login.js` CREATE `login(name)` — signs in | Tests: T-1, T-LOGIN-2\n2. [src/index.js] MODIFY — exports it | Tests: T-3\n';

const complete: ContractInput = {
  slug,
  featureId,
  withStories: true,
  files: new Map([
    [paths.specification, specification],
    [paths.handoffAlex, handoff('Cass')],
    [story, storyText],
    [paths.handoffCass, handoff('Nigel')],
    [paths.testSpecification, testSpec],
    [testFile, tests],
    [paths.handoffNigel, handoff('Codey')],
    [paths.plan, plan],
  ]),
  projectPaths: new Set(['src/index.js']),
};

function check(
  stage: FeatureStage,
  changes: Record<string, string | undefined>,
  more: Partial<ContractInput> = {},
): string[] {
  const files = new Map(complete.files);
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  }
  return checkStage(stage, { ...complete, ...more, files }).map(formatFinding);
}

describe('a complete feature', () => {
  it.each(['alex', 'cass', 'nigel', 'codey-plan'] as const)('keeps the contract of %s', (stage) => {
    expect(check(stage, {})).toEqual([]);
  });

  it('keeps it with CRLF and a byte order mark', () => {
    const windows = [...complete.files].map(
      ([path, text]) => [path, `\uFEFF${text.replaceAll('\n', '\r\n')}`] as const,
    );
    for (const stage of ['alex', 'cass', 'nigel', 'codey-plan'] as const) {
      expect(checkStage(stage, { ...complete, files: new Map(windows) })).toEqual([]);
    }
  });
});

describe('the contract of alex', () => {
  it('names everything that is missing at once', () => {
    const broken = specification
      .replace(featureId, 'mine')
      .replace('## 7. Dependencies\n\nUsers sign in.', '## 7. Dependencies\n\n<todo>')
      .replace('## 3. Actors Involved', '## Whoever')
      .replace('### Out of Scope', '### Later');
    expect(check('alex', { [paths.specification]: broken, [paths.handoffAlex]: undefined })).toEqual([
      expect.stringMatching(/FEATURE_SPEC\.md:1: the featureId is mine; put a3f8.* back.*\(feature-id\)/),
      expect.stringContaining('"Actors Involved" is missing (spec-section)'),
      expect.stringMatching(
        /FEATURE_SPEC\.md:\d+: the section "Dependencies" is not filled.*\(spec-section\)/,
      ),
      expect.stringContaining('out of scope; add a heading "Out of Scope" with a list (spec-scope)'),
      expect.stringContaining(
        'handoff-alex.md: the handoff note does not exist or is empty (handoff-missing)',
      ),
    ]);
  });

  it('does not take headings and content inside code fences or comments for the document', () => {
    const hidden = specification.replace(
      '## 7. Dependencies\n\nUsers sign in.',
      '<!--\n## 7. Dependencies\nx\n-->\n```\n## 7. Dependencies\nx\n```',
    );
    expect(check('alex', { [paths.specification]: hidden })).toEqual([
      expect.stringContaining('"Dependencies" is missing'),
    ]);
  });

  it('asks for criteria in the specification when there will be no stories', () => {
    const bare = specification.replace('11. Handover to BA (Cass)', '11. Notes');
    expect(check('alex', { [paths.handoffAlex]: handoff('Nigel') }, { withStories: false })).toEqual([
      expect.stringContaining('(spec-criteria)'),
    ]);
    const own = bare.replace('## 12.', `## Acceptance Criteria\n\n${criterion(1)}\n## 12.`);
    const changes = { [paths.specification]: own, [paths.handoffAlex]: handoff('Nigel') };
    expect(check('alex', changes, { withStories: false })).toEqual([]);
    const userFacing = own.replace(`featureId: ${featureId}`, `featureId: ${featureId}\nkind: user-facing`);
    expect(check('alex', { ...changes, [paths.specification]: userFacing })).toEqual([
      expect.stringContaining('"Handover to BA (Cass)" is missing'),
    ]);
    const technical = own.replace(`featureId: ${featureId}`, `featureId: ${featureId}\nkind: technical`);
    expect(check('alex', { ...changes, [paths.specification]: technical })).toEqual([]);
  });

  it('keeps the handoff short, addressed and complete', () => {
    const long = `${handoff('Nobody').replace(slug, 'other').replace('### Open Questions\n- None', '')}${'- x\n'.repeat(20)}`;
    expect(check('alex', { [paths.handoffAlex]: long })).toEqual([
      expect.stringContaining('(handoff-length)'),
      expect.stringContaining('write the line "**For:** Cass" (handoff-for)'),
      expect.stringContaining('write the line "**Feature:** login" (handoff-feature)'),
      expect.stringContaining('"### Open Questions"'),
    ]);
    const lines = (count: number): string =>
      handoff('Cass') + 'x\n'.repeat(count - handoff('Cass').trimEnd().split('\n').length);
    expect(check('alex', { [paths.handoffAlex]: lines(29) })).toEqual([]);
    expect(check('alex', { [paths.handoffAlex]: lines(30) })).toHaveLength(1);
  });
});

describe('the contract of cass', () => {
  it('is not asked of a feature without stories', () => {
    expect(
      check('cass', { [story]: undefined, [paths.handoffCass]: undefined }, { withStories: false }),
    ).toEqual([]);
  });

  it('wants the sentence and criteria with all three parts and their own numbers', () => {
    const text = `# S\n\nI want to sign in.\n\n${criterion(1)}\n${criterion(1).replace('- When b,\n', '')}`;
    expect(check('cass', { [story]: text })).toEqual([
      expect.stringContaining('lacks "As a …" and "I want …" and "so that …"'),
      expect.stringMatching(/story-sign-in\.md:10: AC-1 has no When line \(criterion-form\)/),
      expect.stringMatching(/story-sign-in\.md:10: AC-1 stands on line 5 already.*\(criterion-id\)/),
    ]);
  });

  it('wants at least one story, and in it a criterion', () => {
    expect(check('cass', { [story]: undefined })).toEqual([expect.stringContaining('(story-missing)')]);
    expect(check('cass', { [story]: 'As a user, I want x so that y.' })).toEqual([
      expect.stringContaining('(story-criteria)'),
    ]);
  });

  it('reads criteria as headings, lists and single lines as well', () => {
    const text =
      'As a user, I want x so that y.\n\n### AC-1: a\nGiven a\nWhen b\nThen c\n\n- AC-2 Given a, when b, then c\n\n**AC-3** — x\n1. Given a, when b, then c';
    expect(check('cass', { [story]: text })).toEqual([]);
  });
});

describe('the contract of nigel', () => {
  it('wants a test for each criterion and the id in a title', () => {
    const changes = {
      [paths.testSpecification]: testSpec.replace('| story-sign-in | AC-1 | T-1 |\n', ''),
      [testFile]: tests.replace('T-3', 'T-4'),
    };
    expect(check('nigel', changes)).toEqual([
      expect.stringContaining('story-sign-in AC-1 has no test'),
      expect.stringContaining('no test carries T-3'),
      expect.stringMatching(/feature_login\.test\.js: T-1 does not stand in/),
      expect.stringMatching(/T-4 does not stand in/),
    ]);
  });

  it('does not count an id in a comment, nor T-1 in T-10', () => {
    expect(
      check('nigel', { [testFile]: tests.replace("test('T-1 a'", "// test('T-1 a')\ntest('T-10 a'") }),
    ).toEqual([
      expect.stringContaining('no test carries T-1;'),
      expect.stringContaining('T-10 does not stand'),
    ]);
  });

  it('wants the story named where a number occurs in several', () => {
    const second = `${paths.directory}/story-sign-out.md`;
    const both = {
      [second]: storyText,
      [paths.testSpecification]: testSpec.replace('| story-sign-in | AC-1', '| | AC-1'),
    };
    expect(check('nigel', both)).toContainEqual(
      expect.stringMatching(
        /:5: AC-1 occurs in story-sign-in, story-sign-out.*\(test-spec-ambiguous-criterion\)/,
      ),
    );
    const headed =
      '## story-sign-in\n- AC-1 → T-1\n- AC-2 → T-LOGIN-2\n## story-sign-out\n- AC-1 to AC-2: T-3\n';
    expect(check('nigel', { [second]: storyText, [paths.testSpecification]: headed })).toEqual([]);
  });

  it('names criteria that do not exist', () => {
    expect(
      check('nigel', { [paths.testSpecification]: `${testSpec}| story-sign-in | AC-9 | T-3 |\n` }),
    ).toEqual([expect.stringContaining('AC-9 does not occur in story-sign-in')]);
  });

  it('accepts ids in the names of test functions', () => {
    for (const text of [
      'def test_t_1_a():\n  pass\ndef test_t_login_2():\n  pass\ndef test_t_3_x(self):\n  pass\n',
      'func TestT_1_A(t *testing.T) {}\nfunc TestT_LOGIN_2(t *testing.T) {}\nfunc TestT_3(t *testing.T) {}\n',
    ]) {
      expect(check('nigel', { [testFile]: text })).toEqual([]);
    }
  });

  it('names what is not there at all', () => {
    expect(
      check(
        'nigel',
        { [testFile]: undefined, [paths.testSpecification]: undefined },
        { expectedTestFile: testFile },
      ),
    ).toEqual([
      `${testFile}: there is no test file for this feature (test-file-missing)`,
      expect.stringContaining('(test-spec-missing)'),
    ]);
  });

  it('takes the criteria from the specification when there are no stories', () => {
    const text = `${specification}\n## Acceptance Criteria\n\n${criterion(7)}`;
    const map = '- FEATURE_SPEC AC-7: T-1, T-LOGIN-2, T-3\n';
    expect(
      check('nigel', { [paths.specification]: text, [paths.testSpecification]: map }, { withStories: false }),
    ).toEqual([]);
  });
});

describe('the contract of codey-plan', () => {
  const planned = (...steps: string[]): string[] =>
    check('codey-plan', { [paths.plan]: `# Plan\n\n${steps.join('\n')}\n` });
  const rest = '2. `src/x.js` CREATE — x | Tests: T-1, T-LOGIN-2, T-3';

  it.each([
    ['/etc/passwd', 'is absolute'],
    ['C:/x', 'is absolute'],
    ['../x.js', 'leaves its directory'],
    ['src/../../x.js', 'leaves its directory'],
    ['src\\x.js', 'backslash'],
    ['.git/hooks/pre-commit', 'belongs to git'],
    ['sub/.GIT/config', 'belongs to git'],
    ['.claude/settings.json', 'state'],
    ['~/.ssh/config', 'home directory'],
    ['src/', 'is a directory'],
    [testFile, "nigel's tests"],
    [paths.specification, 'document of the feature'],
  ])('refuses the path %s', (path, reason) => {
    expect(planned(`1. \`${path}\` CREATE — x | Tests: none`, rest)).toContainEqual(
      expect.stringContaining(reason),
    );
  });

  it.each([
    ['1. do something', 'CREATE or MODIFY'],
    ['1. `src/a.js` DELETE — x | Tests: T-1', 'CREATE or MODIFY'],
    ['1. `src/a.js` CREATE — x', 'must end in "| Tests:'],
    ['1. `src/a.js` CREATE | Tests: T-1', 'what is to be done'],
    ['1. `src/a.js` CREATE — x | Tests: all of them', 'no test id'],
  ])('says what is wrong with the line %s', (line, reason) => {
    expect(planned(line, rest)).toContainEqual(expect.stringContaining(reason));
  });

  it('accepts bare paths, ranges, none and a bar in the text', () => {
    expect(
      planned(
        '1. src/a.js CREATE - a | b | Tests: none',
        '2. `src/b.js` CREATE: x | Tests: T-1 to T-1, T-3, T-LOGIN-2',
      ),
    ).toEqual([]);
  });

  it('wants every test covered, no other ones, and steps in order', () => {
    expect(
      planned('1. `src/a.js` CREATE — x | Tests: T-1, T-99', '3. `src/b.js` CREATE — y | Tests: T-3'),
    ).toEqual([
      expect.stringContaining('step 3 should be 2'),
      expect.stringContaining('T-99 does not stand'),
      expect.stringContaining('no step covers T-LOGIN-2'),
    ]);
  });

  it('knows which files exist, and which an earlier step creates', () => {
    expect(
      planned(
        '1. `src/index.js` CREATE — x | Tests: T-1, T-3',
        '2. `src/no.js` MODIFY — x | Tests: T-LOGIN-2',
      ),
    ).toEqual([
      expect.stringContaining('is there already; write MODIFY'),
      expect.stringContaining('does not exist; write CREATE'),
    ]);
    expect(
      planned('1. `src/a.js` CREATE — x | Tests: T-1, T-3', '2. `src/a.js` MODIFY — x | Tests: T-LOGIN-2'),
    ).toEqual([]);
  });

  it('wants a plan with steps', () => {
    expect(planned('nothing')).toEqual([expect.stringContaining('(plan-missing)')]);
  });
});

describe('the contract of codey-implement', () => {
  it('wants the planned files, of one step or of all', () => {
    expect(check('codey-implement', {})).toEqual([
      expect.stringContaining('step 1 was to create src/login.js'),
    ]);
    expect(check('codey-implement', {}, { step: 2 })).toEqual([]);
  });

  it('wants the tests unchanged', () => {
    const testsBefore = new Map([[testFile, tests]]);
    expect(check('codey-implement', { [testFile]: `${tests} ` }, { testsBefore, step: 2 })).toEqual([
      expect.stringContaining('(tests-changed)'),
    ]);
    expect(check('codey-implement', { [testFile]: undefined }, { testsBefore, step: 2 })).toEqual([
      expect.stringContaining('was removed'),
    ]);
  });
});
