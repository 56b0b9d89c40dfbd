import type { Finding } from './finding.ts';
import { headingKey, type MarkdownLine, readLines, readSections } from './markdown.ts';
import { refusePlanPath } from './plan-path.ts';
import { readTestIds } from './test-id.ts';

export interface PlanStep {
  readonly number: number;
  readonly path: string;
  readonly action: 'CREATE' | 'MODIFY';
  readonly what: string;
  readonly tests: readonly string[];
  readonly line: number;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Numbered lines that are no step, each with what is wrong with it. */
  readonly malformed: readonly { readonly line: number; readonly reason: string }[];
}

/** Steps are the numbered lines under a heading with "Steps"; without such a heading, every numbered line. */
export function parsePlan(text: string): Plan {
  const steps: PlanStep[] = [];
  const malformed: { line: number; reason: string }[] = [];
  for (const line of stepLines(text)) {
    const step = parseStep(line);
    if (typeof step === 'string') malformed.push({ line: line.number, reason: step });
    else steps.push(step);
  }
  return { steps, malformed };
}

const NUMBERED = /^ {0,3}(\d{1,6})[.)][ \t]+(.*)$/;

function stepLines(text: string): MarkdownLine[] {
  const lines = readLines(text);
  const sections = readSections(lines).filter((section) => /\bsteps\b/.test(headingKey(section.title)));
  const within = sections.find((section) => section.lines.some(isNumbered)) ?? { lines };
  return within.lines.filter(isNumbered);
}

function isNumbered(line: MarkdownLine): boolean {
  return !line.inert && NUMBERED.test(line.text);
}

/** A step, or the reason why the line is none. */
function parseStep(line: MarkdownLine): PlanStep | string {
  const [, number = '', rest = ''] = NUMBERED.exec(line.text) ?? [];
  const { path, after } = readPath(rest.trim());
  const action = /^\s*(?:\*\*)?(CREATE|MODIFY)(?:\*\*)?(?=\s|$|[—–:-])/.exec(after);
  if (path === '') return 'no path follows the number';
  if (action === null) return 'CREATE or MODIFY, in capitals, must follow the path';
  const remainder = after.slice(action[0].length);
  const bar = /\|\s*(?:\*\*)?Tests:(?:\*\*)?(?!.*\|\s*(?:\*\*)?Tests:)/i.exec(remainder);
  if (bar === null) return 'the line must end in "| Tests: …" with test ids, or "| Tests: none"';
  const what = remainder
    .slice(0, bar.index)
    .replace(/^\s*[—–:-]*\s*/, '')
    .trim();
  const named = remainder.slice(bar.index + bar[0].length).trim();
  const tests = readTestIds(named);
  if (what === '') return 'it does not say what is to be done';
  if (tests.length === 0 && !/^(?:none\b|[—–-])/i.test(named)) {
    return `"${named.slice(0, 40)}" holds no test id T-…; write ids or none`;
  }
  return {
    number: Number(number),
    path,
    action: action[1] === 'CREATE' ? 'CREATE' : 'MODIFY',
    what,
    tests,
    line: line.number,
  };
}

function readPath(rest: string): { path: string; after: string } {
  const match =
    /^`([^`]+)`(.*)$/.exec(rest) ??
    /^\[([^\]]+)\](?:\([^)]*\))?(.*)$/.exec(rest) ??
    /^(\S+)(.*)$/.exec(rest) ??
    [];
  return { path: (match[1] ?? '').trim(), after: match[2] ?? '' };
}

export interface PlanCheck {
  readonly file: string;
  readonly text: string | undefined;
  /** Every id of the test specification. */
  readonly testIds: readonly string[];
  /** Nigel's files, which no step may touch. */
  readonly testFiles: readonly string[];
  /** Directories of the feature's own documents, which no step may touch. */
  readonly reservedDirectories: readonly string[];
  readonly exists: (path: string) => boolean;
}

/** The contract of codey's plan. */
export function checkPlan(check: PlanCheck): Finding[] {
  const { file, text } = check;
  if (text === undefined || text.trim() === '') {
    return [{ rule: 'plan-missing', file, message: 'the plan does not exist or is empty' }];
  }
  const plan = parsePlan(text);
  const malformed = plan.malformed.map(
    ({ line, reason }): Finding => ({ rule: 'plan-step-form', file, line, message: reason }),
  );
  if (plan.steps.length === 0 && malformed.length === 0) {
    const message = 'there is no numbered step; write 1. `path` CREATE — what | Tests: T-…';
    return [{ rule: 'plan-missing', file, message }];
  }
  return [
    ...malformed,
    ...(malformed.length === 0 ? checkNumbers(plan, file) : []),
    ...checkPaths(plan, check),
    ...checkActions(plan, check),
    ...checkTests(plan, check),
  ];
}

function checkNumbers(plan: Plan, file: string): Finding[] {
  return plan.steps.flatMap((step, index): Finding[] =>
    step.number === index + 1
      ? []
      : [
          {
            rule: 'plan-step-number',
            file,
            line: step.line,
            message: `step ${step.number} should be ${index + 1}`,
          },
        ],
  );
}

function checkPaths(plan: Plan, { file, testFiles, reservedDirectories }: PlanCheck): Finding[] {
  return plan.steps.flatMap((step): Finding[] => {
    const refused = refusePlanPath(step.path);
    const place = { file, line: step.line };
    if (refused !== undefined)
      return [{ rule: 'plan-path', ...place, message: `${shown(step.path)} ${refused}` }];
    if (testFiles.includes(step.path)) {
      const message = `${shown(step.path)} is one of nigel's tests; the code has to fit them, not the other way round`;
      return [{ rule: 'plan-path-test', ...place, message }];
    }
    if (reservedDirectories.some((directory) => step.path.startsWith(`${directory}/`))) {
      return [
        {
          rule: 'plan-path',
          ...place,
          message: `${shown(step.path)} is a document of the feature, not code`,
        },
      ];
    }
    return [];
  });
}

function checkActions(plan: Plan, { file, exists }: PlanCheck): Finding[] {
  const created = new Set<string>();
  return plan.steps.flatMap((step): Finding[] => {
    const place = { file, line: step.line };
    const present = created.has(step.path) || exists(step.path);
    if (step.action === 'CREATE') created.add(step.path);
    if (refusePlanPath(step.path) !== undefined) return [];
    if (step.action === 'CREATE' && present) {
      return [
        {
          rule: 'plan-create-existing',
          ...place,
          message: `${shown(step.path)} is there already; write MODIFY`,
        },
      ];
    }
    if (step.action === 'MODIFY' && !present) {
      return [
        {
          rule: 'plan-modify-missing',
          ...place,
          message: `${shown(step.path)} does not exist; write CREATE`,
        },
      ];
    }
    return [];
  });
}

function checkTests(plan: Plan, { file, testIds }: PlanCheck): Finding[] {
  const known = new Set(testIds);
  const covered = new Set(plan.steps.flatMap((step) => step.tests));
  const unknown = plan.steps.flatMap((step) =>
    step.tests
      .filter((id) => !known.has(id))
      .map((id): Finding => {
        const message = `${id} does not stand in the test specification`;
        return { rule: 'plan-unknown-test', file, line: step.line, message };
      }),
  );
  const uncovered = testIds
    .filter((id) => !covered.has(id))
    .map(
      (id): Finding => ({
        rule: 'plan-coverage',
        file,
        message: `no step covers ${id}; add it to the Tests of a step`,
      }),
    );
  return [...unknown, ...uncovered];
}

function shown(path: string): string {
  return JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path);
}
