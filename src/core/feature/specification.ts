import { type Criterion, checkCriteria, readCriteria } from './criteria.ts';
import { readFeatureId } from './feature-id.ts';
import type { Finding } from './finding.ts';
import { headingKey, isFilled, type MarkdownSection, readLines, readSections } from './markdown.ts';
import { routeStories } from './routing.ts';

/**
 * Sections that a specification has (the layout of the seed's own specifications), each with the beginning of
 * its heading as `headingKey` gives it.
 */
export const SPECIFICATION_SECTIONS: readonly { readonly title: string; readonly key: string }[] = [
  { title: 'Feature Intent', key: 'feature intent' },
  { title: 'Scope', key: 'scope' },
  { title: 'Actors Involved', key: 'actors' },
  { title: 'Behaviour Overview', key: 'behaviour' },
  { title: 'State & Lifecycle Interactions', key: 'state' },
  { title: 'Rules & Decision Logic', key: 'rules' },
  { title: 'Dependencies', key: 'dependencies' },
  { title: 'Non-Functional Considerations', key: 'non functional' },
  { title: 'Assumptions & Open Questions', key: 'assumptions' },
  { title: 'Impact on System Specification', key: 'impact' },
  { title: 'Change Log', key: 'change log' },
];

const HANDOVER = { title: 'Handover to BA (Cass)', key: 'handover' };
const CRITERIA = { title: 'Acceptance Criteria', key: 'acceptance criteria' };

export interface Specification {
  readonly featureId?: string;
  readonly title?: string;
  readonly sections: readonly MarkdownSection[];
  /** Criteria of the section "Acceptance Criteria"; they are the tests' source when no stories are written. */
  readonly criteria: readonly Criterion[];
}

export function parseSpecification(text: string): Specification {
  const lines = readLines(text);
  const sections = readSections(lines);
  const featureId = readFeatureId(text);
  const title = sections.find((section) => section.level === 1)?.title;
  const criteria = sectionOf(sections, CRITERIA.key);
  return {
    ...(featureId === undefined ? {} : { featureId }),
    ...(title === undefined ? {} : { title }),
    sections,
    criteria: criteria === undefined ? [] : readCriteria(criteria.lines),
  };
}

export interface SpecificationCheck {
  readonly file: string;
  readonly text: string | undefined;
  readonly featureId: string;
  readonly withStories: boolean;
}

/**
 * The contract of alex's specification. A feature without stories, because nobody wants them or because it is
 * technical, carries the criteria itself.
 */
export function checkSpecification({ file, text, featureId, ...asked }: SpecificationCheck): Finding[] {
  if (text === undefined || text.trim() === '') {
    return [{ rule: 'spec-missing', file, message: `${text === undefined ? 'does not exist' : 'is empty'}` }];
  }
  const specification = parseSpecification(text);
  const withStories = asked.withStories && routeStories(text).withStories;
  return [
    ...checkFeatureId(specification, file, featureId),
    ...checkSections(specification, file, withStories),
    ...checkScope(specification, file),
    ...checkOwnCriteria(specification, file, withStories),
  ];
}

function checkFeatureId(specification: Specification, file: string, expected: string): Finding[] {
  if (specification.featureId === expected) return [];
  const found = specification.featureId;
  const message =
    found === undefined
      ? `the frontmatter has no featureId; write "featureId: ${expected}"`
      : `the featureId is ${found.slice(0, 60)}; put ${expected} back, it never changes`;
  return [{ rule: 'feature-id', file, line: 1, message }];
}

function checkSections(specification: Specification, file: string, withStories: boolean): Finding[] {
  const required = withStories ? [...SPECIFICATION_SECTIONS, HANDOVER] : SPECIFICATION_SECTIONS;
  return required.flatMap(({ title, key }): Finding[] => {
    const section = sectionOf(specification.sections, key);
    if (section === undefined) {
      return [{ rule: 'spec-section', file, message: `the section "${title}" is missing` }];
    }
    if (isFilled(section)) return [];
    const message = `the section "${title}" is not filled; say what holds, or why it does not apply`;
    return [{ rule: 'spec-section', file, line: section.line, message }];
  });
}

function checkScope(specification: Specification, file: string): Finding[] {
  const scope = sectionOf(specification.sections, 'scope');
  if (scope === undefined) return [];
  const text = headingKey(scope.lines.map((line) => line.text).join('\n'));
  return ['in scope', 'out of scope']
    .filter((words) => !text.includes(words))
    .map((words) => ({
      rule: 'spec-scope',
      file,
      line: scope.line,
      message: `the scope does not say what is ${words}; add a heading "${words === 'in scope' ? 'In Scope' : 'Out of Scope'}" with a list`,
    }));
}

function checkOwnCriteria(specification: Specification, file: string, withStories: boolean): Finding[] {
  if (!withStories && specification.criteria.length === 0) {
    return [
      {
        rule: 'spec-criteria',
        file,
        message: `this feature gets no stories, so the section "${CRITERIA.title}" must hold at least one AC-n with Given, When and Then`,
      },
    ];
  }
  return checkCriteria(specification.criteria, file);
}

function sectionOf(sections: readonly MarkdownSection[], key: string): MarkdownSection | undefined {
  return sections.find((section) => {
    const found = headingKey(section.title);
    return section.level >= 2 && (found === key || found.startsWith(`${key} `));
  });
}
