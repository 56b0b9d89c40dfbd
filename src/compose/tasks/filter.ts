import { nearestTo } from '../../core/nearest.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import {
  TASK_AMBIGUITIES,
  TASK_EXECUTORS,
  TASK_PRIORITIES,
  TASK_SIZES,
  TASK_STATES,
  type TaskMeta,
} from '../../core/task/meta.ts';

/** What was asked for, as typed: lists with commas. A key that is absent lets every task through. */
export interface TaskFilter {
  readonly state?: string;
  readonly priority?: string;
  readonly size?: string;
  readonly ambiguity?: string;
  readonly executor?: string;
  /** Tasks that carry at least one of them. */
  readonly label?: string;
  readonly parent?: string;
  /** Words that must all be there, in whatever case. */
  readonly text?: string;
}

/** Tells whether a task is asked for. `body` is read only where the words are not all in the front matter. */
export type TaskTest = (meta: TaskMeta, body: () => string) => boolean;

const ENUMERATIONS = {
  state: TASK_STATES,
  priority: TASK_PRIORITIES,
  size: TASK_SIZES,
  ambiguity: TASK_AMBIGUITIES,
  executor: TASK_EXECUTORS,
} as const;

/** The test for a filter; a word that none of the lists knows is a problem with code `usage`. */
export function testFor(filter: TaskFilter): Result<TaskTest> {
  const tests: TaskTest[] = [];
  for (const key of ['state', 'priority', 'size', 'ambiguity', 'executor'] as const) {
    const wanted = listed(filter[key]);
    if (wanted === undefined) continue;
    const known: readonly string[] = ENUMERATIONS[key];
    const unknown = wanted.find((word) => !known.includes(word));
    if (unknown !== undefined || wanted.length === 0) return fail(noSuchWord(key, unknown ?? '', known));
    tests.push((meta) => wanted.includes(meta[key]));
  }
  const labels = listed(filter.label);
  if (labels !== undefined)
    tests.push(({ labels: carried = [] }) => carried.some((label) => labels.includes(label)));
  const parents = listed(filter.parent);
  if (parents !== undefined) tests.push(({ parent }) => parent !== undefined && parents.includes(parent));
  if (filter.text !== undefined) tests.push(hasWords(filter.text));
  return ok((meta, body) => tests.every((test) => test(meta, body)));
}

function listed(words: string | undefined): string[] | undefined {
  return words
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function hasWords(text: string): TaskTest {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return (meta, body) => {
    const { id, title, labels = [], assignees = [], touches = [], commit_message = '', blocked = '' } = meta;
    const head = [id, title, commit_message, blocked, ...labels, ...assignees, ...touches]
      .join('\n')
      .toLowerCase();
    const missing = words.filter((word) => !head.includes(word));
    if (missing.length === 0) return true;
    const below = body().toLowerCase();
    return missing.every((word) => below.includes(word));
  };
}

function noSuchWord(key: string, word: string, known: readonly string[]): Problem {
  const near = nearestTo(word, known);
  return {
    code: 'usage',
    message: `there is no ${key} ${JSON.stringify(word)}; it is one or more of ${known.join(', ')}, with commas`,
    hint: near === undefined ? 'murmur8 task list --help lists what it takes' : `did you mean ${near}?`,
  };
}
