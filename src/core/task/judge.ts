import type * as z from 'zod/mini';
import { nearestTo } from '../nearest.ts';
import {
  ATTEMPT_KEY_ORDER,
  DATE_TIME_ALLOWED,
  EXECUTOR_KEY_ORDER,
  PLANNER_KEY_ORDER,
  REVIEWER_KEY_ORDER,
} from './execution.ts';
import { META_KEY_ORDER, type TaskMeta, taskMetaSchema } from './meta.ts';
import { readMoment } from './moment.ts';
import { dotted, type Finding, shown } from './problem.ts';

export interface Judged {
  /** There if and only if no finding is an error. */
  readonly meta?: TaskMeta;
  readonly findings: readonly Finding[];
}

/** Holds a front matter against the schema and says everything that is wrong with it at once. */
export function judge(value: unknown): Judged {
  if (!isMap(value))
    return {
      findings: [
        {
          severity: 'error',
          path: [],
          found: shown(value),
          allowed: 'a map of keys and values, such as "id: my-task"',
        },
      ],
    };
  const parsed = taskMetaSchema.safeParse(value);
  const warnings = warningsAbout(value);
  if (parsed.success) return { meta: parsed.data, findings: warnings };
  return { findings: [...parsed.error.issues.map((issue) => findingOf(issue, value)), ...warnings] };
}

export type YamlMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function findingOf(issue: z.core.$ZodIssue, document: unknown): Finding {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const value = valueAt(document, path);
  const isNumberForText =
    issue.code === 'invalid_type' && issue.expected === 'string' && typeof value !== 'object';
  return {
    severity: 'error',
    path,
    found: issue.code === 'invalid_type' && isMap(value) ? 'a map' : shown(value),
    allowed: allowedBy(issue),
    ...(isNumberForText && value !== undefined ? { hint: `put it into quotes: "${String(value)}"` } : {}),
  };
}

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'too_small':
      if (issue.origin === 'array') return 'a list with at least one item';
      return issue.origin === 'string' ? 'text that is not empty' : 'a whole number, 0 or more';
    case 'custom':
      return String(issue.params?.['allowed']);
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    default:
      return 'a whole number, 0 or more';
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  number: 'a whole number, 0 or more',
  int: 'a whole number, 0 or more',
  array: 'a list',
  object: 'a map',
};

function valueAt(document: unknown, path: readonly (string | number)[]): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

const META_TIMES = ['created_at', 'updated_at', 'completed_at', 'last_activity_at'];

function warningsAbout(meta: YamlMap): Finding[] {
  const findings: Finding[] = [];
  unknownKeys(findings, meta, [], META_KEYS, META_KEY_ORDER);
  looseTimes(findings, meta, [], META_TIMES);
  const { execution } = meta;
  if (!isMap(execution)) return findings;
  unknownKeys(findings, execution, ['execution'], EXECUTION_KEYS, ['attempts']);
  const { attempts } = execution;
  if (!Array.isArray(attempts)) return findings;
  attempts.forEach((attempt: unknown, index) => {
    const path = ['execution', 'attempts', index];
    if (!isMap(attempt)) return;
    unknownKeys(findings, attempt, path, ATTEMPT_KEYS, ATTEMPT_KEY_ORDER);
    looseTimes(findings, attempt, path, ['started_at', 'ended_at']);
    const { executor, reviewer } = attempt;
    if (isMap(executor)) {
      unknownKeys(findings, executor, [...path, 'executor'], EXECUTOR_KEYS, EXECUTOR_KEY_ORDER);
      if (isMap(executor['planner']))
        unknownKeys(
          findings,
          executor['planner'],
          [...path, 'executor', 'planner'],
          PLANNER_KEYS,
          PLANNER_KEY_ORDER,
        );
    }
    if (isMap(reviewer)) {
      unknownKeys(findings, reviewer, [...path, 'reviewer'], REVIEWER_KEYS, REVIEWER_KEY_ORDER);
      looseTimes(findings, reviewer, [...path, 'reviewer'], ['reviewed_at']);
    }
  });
  return findings;
}

const META_KEYS = new Set(META_KEY_ORDER);
const EXECUTION_KEYS = new Set(['attempts']);
const ATTEMPT_KEYS = new Set(ATTEMPT_KEY_ORDER);
const EXECUTOR_KEYS = new Set(EXECUTOR_KEY_ORDER);
const PLANNER_KEYS = new Set(PLANNER_KEY_ORDER);
const REVIEWER_KEYS = new Set(REVIEWER_KEY_ORDER);

/** Longer ones are not compared with what is known. */
const LONGEST_KEY = 40;

function unknownKeys(
  findings: Finding[],
  map: YamlMap,
  path: readonly (string | number)[],
  known: ReadonlySet<string>,
  order: readonly string[],
): void {
  for (const key of Object.keys(map)) {
    if (known.has(key)) continue;
    const near = key.length > LONGEST_KEY ? undefined : nearestTo(key, order);
    findings.push({
      severity: 'warning',
      path: [...path, key],
      isOfKey: true,
      found: 'an unknown key',
      allowed: order.join(', '),
      message: `${dotted([...path, key])} is an unknown key; it is kept, and nothing reads it`,
      hint: near === undefined ? `known here: ${order.join(', ')}` : `did you mean ${near}?`,
    });
  }
}

/** Times that leave open which moment they mean. */
function looseTimes(
  findings: Finding[],
  map: YamlMap,
  path: readonly (string | number)[],
  keys: readonly string[],
): void {
  for (const key of keys) {
    const value = map[key];
    if (typeof value !== 'string' || value.endsWith('Z')) continue;
    const moment = readMoment(value);
    if (moment === undefined || moment.precision === 'exact') continue;
    const what = moment.precision === 'date' ? 'a date without a time' : 'a time without an offset';
    findings.push({
      severity: 'warning',
      path: [...path, key],
      found: shown(value),
      allowed: DATE_TIME_ALLOWED,
      message: `${dotted([...path, key])} is ${what}: ${shown(value)} is read as UTC`,
      hint: moment.precision === 'date' ? `write ${value}T00:00:00Z` : `write ${value}Z`,
    });
  }
}
