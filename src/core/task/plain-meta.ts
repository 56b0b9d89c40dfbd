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
  if (!isHeld(value, META)) return undefined;
  const execution = value['execution'] === undefined ? undefined : executionRule(value['execution']);
  if (execution === undefined && value['execution'] !== undefined) return undefined;
  // Every key was held against the schema's rules.
  return inOrder(value, execution) as TaskMeta;
}

/**
 * With the keys in their order and the defaults of the schema. Not in a loop: an object that got twenty keys in a loop is a hash table to V8, which takes several times the
 * memory, and ten thousand of them are held at once.
 */
function inOrder(value: YamlMap, execution: unknown): Record<string, unknown> {
  const { id, title, kind, parent, children, state, blocked, commit_message } = value;
  const { priority, size, ambiguity, executor, isolation, touches, depends_on, blocks } = value;
  const { assignees, labels, created_at, updated_at, completed_at, links, last_activity_at } = value;
  const meta: Record<string, unknown> = { id, title, kind };
  if (parent !== undefined) meta.parent = parent;
  if (children !== undefined) meta.children = children;
  meta.state = state;
  if (blocked !== undefined) meta.blocked = blocked;
  if (commit_message !== undefined) meta.commit_message = commit_message;
  meta.priority = priority ?? 'none';
  meta.size = size ?? 'medium';
  meta.ambiguity = ambiguity ?? 'low';
  meta.executor = executor ?? 'standard';
  meta.isolation = isolation ?? 'module';
  if (touches !== undefined) meta.touches = touches;
  if (depends_on !== undefined) meta.depends_on = depends_on;
  if (blocks !== undefined) meta.blocks = blocks;
  if (assignees !== undefined) meta.assignees = assignees;
  if (labels !== undefined) meta.labels = labels;
  if (created_at !== undefined) meta.created_at = created_at;
  if (updated_at !== undefined) meta.updated_at = updated_at;
  if (completed_at !== undefined) meta.completed_at = completed_at;
  if (links !== undefined) meta.links = links;
  if (last_activity_at !== undefined) meta.last_activity_at = last_activity_at;
  if (execution !== undefined) meta.execution = execution;
  return meta;
}

/** A value as the schema gives it back; undefined where it, or something in it, is not plainly right. */
type Rule = (value: unknown) => unknown;

interface Key {
  readonly key: string;
  readonly rule: Rule;
  readonly isRequired: boolean;
}

function shaped(map: YamlMap, keys: readonly Key[]): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  return isHeld(map, keys, result) ? result : undefined;
}

/** Whether all values suit their keys; `result` gets them in order. */
function isHeld(map: YamlMap, keys: readonly Key[], result?: Record<string, unknown>): boolean {
  let known = 0;
  for (const { key, rule, isRequired } of keys) {
    const given = map[key];
    if (given === undefined) {
      if (isRequired) return false;
      continue;
    }
    const value = rule(given);
    if (value === undefined) return false;
    if (result !== undefined) result[key] = value;
    known += 1;
  }
  // A key that is not known is told of.
  return Object.keys(map).length === known;
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
): readonly Key[] {
  return order.flatMap((key) => {
    const rule = rules[key];
    if (rule === undefined) return [];
    return [{ key, rule, isRequired: required.includes(key) }];
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

const executionRule = shapedBy(keysOf(['attempts'], ['attempts'], { attempts }));

const META = keysOf(META_KEY_ORDER, ['id', 'title', 'kind', 'state'], {
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
  completed_at: (value) => (value === null ? value : time(value)),
  links: maps,
  last_activity_at: time,
  // Looked at last, and once.
  execution: (value) => value,
});
