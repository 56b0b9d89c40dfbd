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
import type { PlainEntries } from './plain-yaml.ts';

/**
 * The meta data of a front matter about which nothing whatever is to be said, many times faster than through the schema;
 * undefined for all others, be they right or wrong. Where it answers, it says what `judge` says, with keys in the same
 * order: a listing of thousands of files rests on it.
 */
export function plainMeta({ keys, values }: PlainEntries): TaskMeta | undefined {
  const found: unknown[] = Array.from(META_KEY_ORDER, () => undefined);
  for (const [index, name] of keys.entries()) {
    // A key that is not known, or stands there twice, is told of.
    const place = PLACES.get(name);
    if (place === undefined || found[place] !== undefined) return undefined;
    const value = META[place]?.rule(values[index]);
    if (value === undefined) return undefined;
    found[place] = value;
  }
  for (const [place, { isRequired }] of META.entries())
    if (isRequired && found[place] === undefined) return undefined;
  // Every key was held against the schema's rules.
  return inOrder(found) as TaskMeta;
}

/**
 * With the keys in their order and the defaults of the schema. Not in a loop: an object that got twenty keys in a loop is a
 * hash table to V8, which takes several times the memory and the time.
 */
function inOrder(found: readonly unknown[]): Record<string, unknown> {
  const [id, title, kind, parent, children, state, blocked, commit_message] = found;
  const meta: Record<string, unknown> = { id, title, kind };
  if (parent !== undefined) meta.parent = parent;
  if (children !== undefined) meta.children = children;
  meta.state = state;
  if (blocked !== undefined) meta.blocked = blocked;
  if (commit_message !== undefined) meta.commit_message = commit_message;
  meta.priority = found[8] ?? 'none';
  meta.size = found[9] ?? 'medium';
  meta.ambiguity = found[10] ?? 'low';
  meta.executor = found[11] ?? 'standard';
  meta.isolation = found[12] ?? 'module';
  if (found[13] !== undefined) meta.touches = found[13];
  if (found[14] !== undefined) meta.depends_on = found[14];
  if (found[15] !== undefined) meta.blocks = found[15];
  if (found[16] !== undefined) meta.assignees = found[16];
  if (found[17] !== undefined) meta.labels = found[17];
  if (found[18] !== undefined) meta.created_at = found[18];
  if (found[19] !== undefined) meta.updated_at = found[19];
  if (found[20] !== undefined) meta.completed_at = found[20];
  if (found[21] !== undefined) meta.links = found[21];
  if (found[22] !== undefined) meta.last_activity_at = found[22];
  if (found[23] !== undefined) meta.execution = found[23];
  return meta;
}

/** A value as the schema gives it back; undefined where it, or something in it, is not plainly right. */
type Rule = (value: unknown) => unknown;

interface Key {
  readonly key: string;
  readonly rule: Rule;
  readonly isRequired: boolean;
}

/** The map with its keys in order; undefined where a value does not suit its key, or a key is not known. */
function shaped(map: YamlMap, keys: readonly Key[]): YamlMap | undefined {
  const result: Record<string, unknown> = {};
  let left = 0;
  for (const _ in map) left += 1;
  for (const { key, rule, isRequired } of keys) {
    const given = map[key];
    if (given === undefined) {
      if (isRequired) return undefined;
      continue;
    }
    const value = rule(given);
    if (value === undefined) return undefined;
    result[key] = value;
    left -= 1;
  }
  // A key that is not known is told of.
  return left === 0 ? result : undefined;
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
  execution: executionRule,
});

const PLACES = new Map(META.map(({ key }, place) => [key, place]));
