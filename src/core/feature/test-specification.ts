import type { Criterion } from './criteria.ts';
import type { Finding } from './finding.ts';
import { readLines } from './markdown.ts';
import { carriesTestId, readCriterionIds, readTestIds, readTestTitles } from './test-id.ts';

/** A criterion with the file it comes from: `story-login` or `FEATURE_SPEC`. */
export interface SourcedCriterion extends Criterion {
  readonly source: string;
}

/** One line of the mapping: criteria on the left, tests on the right. */
export interface MappingLine {
  readonly line: number;
  /** The story that the line or the nearest heading above it names. */
  readonly source?: string;
  readonly criteria: readonly string[];
  readonly tests: readonly string[];
  /** The line says "pending": these tests stay open on purpose and are neither red nor green. */
  readonly pending: boolean;
}

/** Reads every line (table row or list item) that names criteria together with test ids, or either of them alone in a table row. */
export function parseTestSpecification(text: string): readonly MappingLine[] {
  const mapping: MappingLine[] = [];
  let heading: string | undefined;
  for (const line of readLines(text)) {
    if (line.inert) continue;
    if (/^ {0,3}#{1,6}\s/.test(line.text)) {
      heading = sourceIn(line.text);
      continue;
    }
    const criteria = readCriterionIds(line.text);
    const tests = readTestIds(line.text);
    if (criteria.length === 0) continue;
    if (tests.length === 0 && !line.text.trim().startsWith('|')) continue;
    const source = sourceIn(line.text) ?? heading;
    mapping.push({
      line: line.number,
      ...(source === undefined ? {} : { source }),
      criteria,
      tests,
      pending: tests.length > 0 && /(?:\||\(|\[)\s*[*_`]*pending\b/i.test(line.text),
    });
  }
  return mapping;
}

function sourceIn(text: string): string | undefined {
  if (/\bFEATURE_SPEC\b/.test(text)) return 'FEATURE_SPEC';
  return /(?<![\w-])story-[A-Za-z0-9][A-Za-z0-9_-]*/.exec(text)?.[0];
}

/** Test ids of the mapping, each once, in order. */
export function mappedTestIds(mapping: readonly MappingLine[]): string[] {
  return [...new Set(mapping.flatMap((line) => line.tests))];
}

/** Test ids that the specification declares as pending. */
export function pendingTestIds(mapping: readonly MappingLine[]): string[] {
  return [...new Set(mapping.filter((line) => line.pending).flatMap((line) => line.tests))];
}

/** The criteria that a line means; more than one entry for an id means that it is ambiguous. */
export function criteriaOf(
  line: MappingLine,
  id: string,
  criteria: readonly SourcedCriterion[],
): readonly SourcedCriterion[] {
  const sameId = criteria.filter((criterion) => criterion.id === id);
  const sources = new Set(sameId.map((criterion) => criterion.source));
  const named = line.source;
  if (named !== undefined) {
    const own = sameId.filter((criterion) => criterion.source === named);
    if (own.length > 0 || criteria.some((criterion) => criterion.source === named)) return own.slice(0, 1);
  }
  return sources.size === 1 ? sameId.slice(0, 1) : sameId;
}

export interface TestSpecificationCheck {
  readonly file: string;
  readonly text: string | undefined;
  readonly criteria: readonly SourcedCriterion[];
  /** Path and text of the test files. */
  readonly tests: readonly (readonly [string, string])[];
  /** Where the engine expects the tests, for the message. */
  readonly expectedTestFile?: string;
}

/** The contract of nigel's test specification and test files, as far as it can be told without running them. */
export function checkTestSpecification(check: TestSpecificationCheck): Finding[] {
  const { file, text, tests } = check;
  const findings: Finding[] = [];
  if (tests.length === 0) {
    const path = check.expectedTestFile;
    findings.push({
      rule: 'test-file-missing',
      ...(path === undefined ? {} : { file: path }),
      message: 'there is no test file for this feature',
    });
  }
  if (text === undefined || text.trim() === '') {
    findings.push({
      rule: 'test-spec-missing',
      file,
      message: 'the test specification does not exist or is empty',
    });
    return findings;
  }
  const mapping = parseTestSpecification(text);
  return [...findings, ...checkMapping(check, mapping), ...checkTitles(check, mapping)];
}

function checkMapping(
  { file, criteria }: TestSpecificationCheck,
  mapping: readonly MappingLine[],
): Finding[] {
  const findings: Finding[] = [];
  const covered = new Set<SourcedCriterion>();
  for (const line of mapping) {
    for (const id of line.criteria) {
      const meant = criteriaOf(line, id, criteria);
      if (meant.length > 1) {
        const sources = meant.map((criterion) => criterion.source).join(', ');
        const message = `${id} occurs in ${sources}; name the story in the same line or in the heading above`;
        findings.push({ rule: 'test-spec-ambiguous-criterion', file, line: line.line, message });
        continue;
      }
      const [criterion] = meant;
      if (criterion === undefined) {
        const where = line.source === undefined ? 'any file' : line.source;
        const message = `${id} does not occur in ${where}; name a criterion that exists`;
        findings.push({ rule: 'test-spec-unknown-criterion', file, line: line.line, message });
      } else if (line.tests.length > 0) covered.add(criterion);
    }
  }
  for (const criterion of criteria) {
    if (covered.has(criterion)) continue;
    if ([...covered].some((other) => other.source === criterion.source && other.id === criterion.id))
      continue;
    findings.push({
      rule: 'test-spec-mapping',
      file,
      message: `${criterion.source} ${criterion.id} has no test; add a line with the story, the criterion and a test id T-…`,
    });
  }
  if (mapping.length === 0 && criteria.length === 0) {
    findings.push({
      rule: 'test-spec-mapping',
      file,
      message: 'no line maps a criterion AC-n to a test id T-…',
    });
  }
  return findings;
}

function checkTitles({ file, tests }: TestSpecificationCheck, mapping: readonly MappingLine[]): Finding[] {
  if (tests.length === 0) return [];
  const ids = mappedTestIds(mapping);
  const titles = tests.flatMap(([path, text]) => readTestTitles(text).map((title) => ({ path, title })));
  const all = titles.map(({ title }) => title).join('\n');
  const missing = ids
    .filter((id) => !titles.some(({ title }) => carriesTestId(title, id)))
    .map((id): Finding => {
      const message = `no test carries ${id}; begin the title of its test with the id`;
      return { rule: 'test-title', file: tests[0]?.[0] ?? file, message };
    });
  const known = new Set(ids);
  const unmapped = readTestIds(all)
    .filter((id) => !known.has(id))
    .map((id): Finding => {
      const path = titles.find(({ title }) => readTestIds(title).includes(id))?.path ?? file;
      return {
        rule: 'test-unmapped',
        file: path,
        message: `${id} does not stand in ${file}; add its line there`,
      };
    });
  return [...missing, ...unmapped];
}
