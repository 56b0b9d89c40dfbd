import { ATTEMPT_KEY_ORDER, EXECUTOR_KEY_ORDER, PLANNER_KEY_ORDER, REVIEWER_KEY_ORDER } from './execution.ts';
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
import { compareMoments, isExactMoment, readMoment } from './moment.ts';

/**
 * The meta data of a front matter about which nothing whatever is to be said, many times faster than through the schema;
 * undefined for all others, be they right or wrong. Where it answers, it says what `judge` says, with keys in the same
 * order: a listing of thousands of files rests on it.
 */
export function plainMeta(value: YamlMap): TaskMeta | undefined {
  if (!isPlain(value, META_RULES)) return undefined;
  const { execution } = value;
  if (execution !== undefined && !isPlainExecution(execution)) return undefined;
  const meta: Record<string, unknown> = {};
  for (const key of META_KEY_ORDER) {
    const given = value[key];
    if (given !== undefined) meta[key] = key === 'execution' ? inOrder(given as YamlMap) : given;
    else if (DEFAULTS[key] !== undefined) meta[key] = DEFAULTS[key];
  }
  // Every key was held against the schema's rules above.
  return meta as TaskMeta;
}

type Rule = (value: unknown) => boolean;
/** What is asked of the value at a key; a key without a rule is not known. */
type Rules = Readonly<Record<string, Rule | undefined>>;

const DEFAULTS: Readonly<Record<string, unknown>> = {
  priority: 'none',
  size: 'medium',
  ambiguity: 'low',
  executor: 'standard',
  isolation: 'module',
};

const anyText: Rule = (value) => typeof value === 'string';
const someText: Rule = (value) => typeof value === 'string' && value !== '';
const someTexts: Rule = (value) => Array.isArray(value) && value.every(someText);
const time: Rule = (value) => typeof value === 'string' && isExactMoment(value);
const anything: Rule = () => true;
const oneOf =
  (words: readonly string[]): Rule =>
  (value) =>
    typeof value === 'string' && words.includes(value);

const META_RULES = withRequired(['id', 'title', 'kind', 'state'], {
  id: (value) => typeof value === 'string' && TASK_ID_PATTERN.test(value),
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
  completed_at: (value) => value === null || time(value),
  links: (value) => Array.isArray(value) && value.every(isMap),
  last_activity_at: time,
  execution: anything,
});
const PLANNER_RULES = withRequired(['tool'], { tool: someText, model: someText });
const EXECUTOR_RULES = withRequired(['tool'], {
  tool: someText,
  model: someText,
  planner: (value) => isMap(value) && isPlain(value, PLANNER_RULES),
});
const REVIEWER_RULES = withRequired(['name', 'approved', 'reviewed_at'], {
  name: someText,
  approved: (value) => typeof value === 'boolean',
  reviewed_at: time,
  notes: anyText,
});
const ATTEMPT_RULES = withRequired(['started_at', 'ended_at', 'duration_seconds', 'status', 'executor'], {
  started_at: time,
  ended_at: time,
  duration_seconds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  status: (value) => value === 'completed' || value === 'failed' || value === 'abandoned',
  error_reason: anyText,
  executor: (value) => isMap(value) && isPlain(value, EXECUTOR_RULES),
  reviewer: (value) => isMap(value) && isPlain(value, REVIEWER_RULES),
  notes: anyText,
});

interface Shape {
  readonly rules: Rules;
  readonly required: readonly string[];
}

function withRequired(required: readonly string[], rules: Rules): Shape {
  // Without a prototype, so that a key like `constructor` is one that is not known.
  return { required, rules: Object.assign(Object.create(null) as object, rules) };
}

function isPlain(map: YamlMap, { rules, required }: Shape): boolean {
  for (const key in map) if (rules[key]?.(map[key]) !== true) return false;
  for (const key of required) if (map[key] === undefined) return false;
  return true;
}

function isPlainExecution(execution: unknown): boolean {
  if (!isMap(execution)) return false;
  for (const key in execution) if (key !== 'attempts') return false;
  const { attempts } = execution;
  return Array.isArray(attempts) && attempts.length > 0 && attempts.every(isPlainAttempt);
}

function isPlainAttempt(attempt: unknown): boolean {
  if (!isMap(attempt) || !isPlain(attempt, ATTEMPT_RULES)) return false;
  const started = readMoment(String(attempt['started_at']));
  const ended = readMoment(String(attempt['ended_at']));
  return started !== undefined && ended !== undefined && compareMoments(ended, started) >= 0;
}

/** As the schema gives them back: known keys in their order. */
function inOrder(execution: YamlMap): YamlMap {
  const attempts = execution['attempts'] as readonly YamlMap[];
  return { attempts: attempts.map(attemptInOrder) };
}

function attemptInOrder(attempt: YamlMap): YamlMap {
  const ordered = keysInOrder(attempt, ATTEMPT_KEY_ORDER);
  ordered['executor'] = executorInOrder(attempt['executor'] as YamlMap);
  if (isMap(attempt['reviewer'])) ordered['reviewer'] = keysInOrder(attempt['reviewer'], REVIEWER_KEY_ORDER);
  return ordered;
}

function executorInOrder(executor: YamlMap): YamlMap {
  const ordered = keysInOrder(executor, EXECUTOR_KEY_ORDER);
  if (isMap(executor['planner'])) ordered['planner'] = keysInOrder(executor['planner'], PLANNER_KEY_ORDER);
  return ordered;
}

function keysInOrder(map: YamlMap, order: readonly string[]): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const key of order) if (map[key] !== undefined) ordered[key] = map[key];
  return ordered;
}
