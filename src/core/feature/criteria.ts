import type { Finding } from './finding.ts';
import type { MarkdownLine } from './markdown.ts';

export type Clause = 'Given' | 'When' | 'Then';

const CLAUSES: readonly Clause[] = ['Given', 'When', 'Then'];

/** One acceptance criterion as it stands in a story or a specification. */
export interface Criterion {
  /** `AC-1`. */
  readonly id: string;
  readonly title: string;
  readonly line: number;
  /** Which of its three parts it lacks. */
  readonly missing: readonly Clause[];
}

const HEAD =
  /^\s*(?:[-*+]\s+|#{1,6}\s+)?(?:\*\*|__)?(AC-\d+)\b(?:\*\*|__)?\s*[—–:.-]*\s*(.*?)\s*(?:\*\*|__)?\s*$/;
const CLAUSE = /^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:\*\*|__)?(given|when|then)\b/i;

/** Criteria in the order of the text; each reaches down to the next one or to the next heading. */
export function readCriteria(lines: readonly MarkdownLine[]): Criterion[] {
  const criteria: { id: string; title: string; line: number; clauses: Set<string> }[] = [];
  let current: (typeof criteria)[number] | undefined;
  for (const line of lines) {
    if (line.inert) continue;
    const head = HEAD.exec(line.text);
    if (head !== null) {
      const title = (head[2] ?? '').replace(/^(?:\*\*|__)\s*[—–:.-]*\s*/, '');
      current = { id: head[1] ?? '', title, line: line.number, clauses: new Set() };
      criteria.push(current);
      for (const word of title.matchAll(/\b(given|when|then)\b/gi)) current.clauses.add(lower(word[1]));
      continue;
    }
    if (/^ {0,3}#{1,6}\s/.test(line.text)) current = undefined;
    const clause = CLAUSE.exec(line.text);
    if (clause === null || current === undefined) continue;
    current.clauses.add(lower(clause[1]));
    // One line may hold the whole sentence: "Given …, when …, then …".
    for (const word of line.text.matchAll(/,\s*(when|then)\b/gi)) current.clauses.add(lower(word[1]));
  }
  return criteria.map(({ id, title, line, clauses }) => ({
    id,
    title,
    line,
    missing: CLAUSES.filter((clause) => !clauses.has(clause.toLowerCase())),
  }));
}

function lower(word: string | undefined): string {
  return (word ?? '').toLowerCase();
}

/** Form and uniqueness of the criteria of one file. */
export function checkCriteria(criteria: readonly Criterion[], file: string): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  for (const criterion of criteria) {
    const { missing } = criterion;
    if (missing.length > 0) {
      findings.push({
        rule: 'criterion-form',
        file,
        line: criterion.line,
        message: `${criterion.id} has no ${missing.join(' and no ')} line`,
      });
    }
    const first = seen.get(criterion.id);
    if (first === undefined) seen.set(criterion.id, criterion.line);
    else {
      findings.push({
        rule: 'criterion-id',
        file,
        line: criterion.line,
        message: `${criterion.id} stands on line ${first} already; give every criterion its own number`,
      });
    }
  }
  return findings;
}
