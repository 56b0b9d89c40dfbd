import type * as z from 'zod/mini';
import { groupSchema, stageSchema } from './authored.ts';
import type { Path } from './finding.ts';

type Issue = z.core.$ZodIssue;

/** One deviation from the schema, told of the alternative that was most likely meant. */
export interface FlatIssue {
  readonly path: Path;
  readonly issue: Exclude<Issue, z.core.$ZodIssueInvalidUnion>;
  /** What would have been right too, where text or a list would. */
  readonly orList: boolean;
}

/** Resolves unions: what was written decides which alternative is spoken of. */
export function flatIssues(issues: readonly Issue[], document: unknown): FlatIssue[] {
  return issues.flatMap((issue) => flatten(issue, [], document, false));
}

function flatten(issue: Issue, prefix: Path, document: unknown, orList: boolean): FlatIssue[] {
  const path = [...prefix, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code !== 'invalid_union') return [{ path, issue, orList }];
  const value = valueAt(document, path);
  if (path.length === 2 && path[0] === 'stages') return stageIssues(value, path, document);
  const [first = []] = issue.errors;
  // An alternative that is of the right kind as a whole is the one that was meant; of a word, the words that are known.
  const meant =
    issue.errors.find((errors) => !errors.some(isOfOtherKind)) ??
    issue.errors.find(([one]) => typeof value === 'string' && one?.code === 'invalid_value') ??
    first;
  const takesList = issue.errors.some((errors) => errors.some((one) => expects(one, 'array')));
  return meant.flatMap((one) => flatten(one, path, document, takesList));
}

function stageIssues(value: unknown, path: Path, document: unknown): FlatIssue[] {
  const isGroup = typeof value === 'object' && value !== null && Object.hasOwn(value, 'parallel');
  const parsed = (isGroup ? groupSchema : stageSchema).safeParse(value);
  return (parsed.error?.issues ?? []).flatMap((issue) => flatten(issue, path, document, false));
}

function isOfOtherKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function expects(issue: Issue, kind: string): boolean {
  return issue.path.length === 0 && issue.code === 'invalid_type' && issue.expected === kind;
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
