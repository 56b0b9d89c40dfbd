import {
  ATTEMPT_KEY_ORDER,
  EXECUTION_STATUSES,
  EXECUTOR_KEY_ORDER,
  PLANNER_KEY_ORDER,
  REVIEWER_KEY_ORDER,
} from './execution.ts';
import { isMap, type YamlMap } from './judge.ts';
import {
  META_KEY_ORDER,
  TASK_AMBIGUITIES,
  TASK_EXECUTORS,
  TASK_ID_PATTERN,
  TASK_ISOLATIONS,
  TASK_KINDS,
  TASK_PRIORITIES,
  TASK_SIZES,
  TASK_STATES,
  type TaskMeta,
} from './meta.ts';
import { isExactMoment, isInOrder } from './moment.ts';

/**
 * The meta data of a front matter about which nothing whatever is to be said, many times faster than through the schema;
 * undefined for all others, be they right or wrong. Where it answers, it says what `judge` says, with keys in the same
 * order: a listing of thousands of files rests on it.
 */
export function plainMeta(value: YamlMap): TaskMeta | undefined {
  // Every key was held against the schema's rules.
  return shaped(value, META) as TaskMeta | undefined;
}

/** A value as the schema gives it back; undefined where it, or something in it, is not plainly right. */
type Rule = (value: unknown) => unknown;

interface Key {
  readonly key: string;
  readonly rule: Rule;
  /** What it is where it is left out; undefined for none. */
  readonly fallback: unknown;
  readonly isRequired: boolean;
}

function shaped(map: YamlMap, keys: readonly Key[]): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  let known = 0;
  for (const { key, rule, fallback, isRequired } of keys) {
    const given = map[key];
    if (given === undefined) {
      if (isRequired) return undefined;
      if (fallback !== undefined) result[key] = fallback;
      continue;
    }
    const value = rule(given);
    if (value === undefined) return undefined;
    result[key] = value;
    known += 1;
  }
  // A key that is not known is told of.
  return Object.keys(map).length === known ? result : undefined;
}

const anyText: Rule = (value) => (typeof value === 'string' ? value : undefined);
const someText: Rule = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
const time: Rule = (value) => (typeof value === 'string' && isExactMoment(value) ? value : undefined);
const id: Rule = (value) => (typeof value === 'string' && TASK_ID_PATTERN.test(value) ? value : undefined);
const truth: Rule = (value) => (typeof value === 'boolean' ? value : undefined);
const count: Rule = (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? value : undefined);
const someTexts: Rule = (value) => (Array.isArray(value) && value.every(isSomeText) ? value : undefined);
const maps: Rule = (value) => (Array.isArray(value) && value.every(isMap) ? value : undefined);

function isSomeText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function oneOf(words: readonly string[]): Rule {
  return (value) => (typeof value === 'string' && words.includes(value) ? value : undefined);
}

function shapedBy(keys: readonly Key[]): Rule {
  return (value) => (isMap(value) ? shaped(value, keys) : undefined);
}

function keysOf(
  order: readonly string[],
  required: readonly string[],
  rules: Readonly<Record<string, Rule>>,
  fallbacks: Readonly<Record<string, unknown>> = {},
): readonly Key[] {
  return order.flatMap((key) => {
    const rule = rules[key];
    if (rule === undefined) return [];
    return [{ key, rule, fallback: fallbacks[key], isRequired: required.includes(key) }];
  });
}

const PLANNER = keysOf(PLANNER_KEY_ORDER, ['tool'], { tool: someText, model: someText });
const EXECUTOR = keysOf(EXECUTOR_KEY_ORDER, ['tool'], {
  tool: someText,
  model: someText,
  planner: shapedBy(PLANNER),
});
const REVIEWER = keysOf(REVIEWER_KEY_ORDER, ['name', 'approved', 'reviewed_at'], {
  name: someText,
  approved: truth,
  reviewed_at: time,
  notes: anyText,
});
const ATTEMPT = keysOf(
  ATTEMPT_KEY_ORDER,
  ['started_at', 'ended_at', 'duration_seconds', 'status', 'executor'],
  {
    started_at: time,
    ended_at: time,
    duration_seconds: count,
    status: oneOf(EXECUTION_STATUSES),
    error_reason: anyText,
    executor: shapedBy(EXECUTOR),
    reviewer: shapedBy(REVIEWER),
    notes: anyText,
  },
);

const attempts: Rule = (value) => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const result: unknown[] = [];
  for (const each of value as readonly unknown[]) {
    const attempt = isMap(each) ? shaped(each, ATTEMPT) : undefined;
    if (attempt === undefined || !isInOrder(String(attempt['started_at']), String(attempt['ended_at'])))
      return undefined;
    result.push(attempt);
  }
  return result;
};

const META = keysOf(
  META_KEY_ORDER,
  ['id', 'title', 'kind', 'state'],
  {
    id,
    title: someText,
    kind: oneOf(TASK_KINDS),
    parent: someText,
    children: someTexts,
    state: oneOf(TASK_STATES),
    blocked: anyText,
    commit_message: someText,
    priority: oneOf(TASK_PRIORITIES),
    size: oneOf(TASK_SIZES),
    ambiguity: oneOf(TASK_AMBIGUITIES),
    executor: oneOf(TASK_EXECUTORS),
    isolation: oneOf(TASK_ISOLATIONS),
    touches: someTexts,
    depends_on: someTexts,
    blocks: someTexts,
    assignees: someTexts,
    labels: someTexts,
    created_at: time,
    updated_at: time,
    completed_at: (value) => (value === null ? null : time(value)),
    links: maps,
    last_activity_at: time,
    execution: shapedBy(keysOf(['attempts'], ['attempts'], { attempts })),
  },
  { priority: 'none', size: 'medium', ambiguity: 'low', executor: 'standard', isolation: 'module' },
);
