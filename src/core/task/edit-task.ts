import type { Problem } from '../problem.ts';
import { fail, ok, type Result } from '../result.ts';
import type { TaskChange } from './change.ts';
import { editFrontMatter } from './edit-front-matter.ts';
import { ATTEMPT_KEY_ORDER, type ExecutionAttempt, executionAttemptSchema } from './execution.ts';
import { findFrontMatter } from './front-matter.ts';
import { readMoment } from './moment.ts';
import { parseTask } from './parse-task.ts';

/**
 * Makes changes in a task file's text and leaves every other byte of it as it is: comments, unknown keys, quotes, line
 * endings, a byte order mark and the body (spec: tasks, files). What cannot be changed so is a problem, never a rewrite.
 * The text may also be just a file's beginning, up to the end of the front matter.
 * Problems: `task-uneditable`, `task-invalid` where the outcome would break a rule that the text did not break before.
 */
export function editTask(text: string, changes: readonly TaskChange[]): Result<string> {
  const parts = findFrontMatter(text);
  if (parts.kind !== 'found') {
    const [problem] = parseTask(text, '').problems;
    return fail(uneditable(problem?.message ?? 'there is no front matter'));
  }
  let block = text.slice(parts.start, parts.end);
  for (const change of changes) {
    const edited = applyChange(block, change, parts.lineEnding);
    if (!edited.ok) return edited;
    block = edited.value;
  }
  const result = text.slice(0, parts.start) + block + text.slice(parts.end);
  const broken = newProblem(text, result);
  return broken === undefined ? ok(result) : fail(broken);
}

function applyChange(block: string, change: TaskChange, lineEnding: string): Result<string> {
  if (change.kind !== 'add-attempt') return edited(editFrontMatter(block, change, lineEnding), change.path);
  const attempt = writableAttempt(change.attempt);
  if (!attempt.ok) return attempt;
  return edited(editFrontMatter(block, { ...change, attempt: attempt.value }, lineEnding), ['execution']);
}

function edited(
  result: { readonly text: string } | { readonly message: string },
  path: readonly (string | number)[],
): Result<string> {
  return 'text' in result
    ? ok(result.text)
    : fail(uneditable(`cannot change ${path.join('.')}: ${result.message}`));
}

function uneditable(message: string): Problem {
  return { code: 'task-uneditable', message, hint: 'correct the front matter by hand; nothing was changed' };
}

/** An attempt as it is written: in the order of its keys, with times that leave nothing open. */
function writableAttempt(attempt: ExecutionAttempt): Result<ExecutionAttempt> {
  const parsed = executionAttemptSchema.safeParse(attempt);
  if (!parsed.success) {
    // Told in the words of a file's problems.
    const { problems } = parseTask(asTask(attempt), '');
    const messages = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    return fail(invalid(messages.join('; ').replaceAll('execution.attempts.0', 'attempt')));
  }
  const { started_at, ended_at, reviewer } = parsed.data;
  const times = { started_at, ended_at, ...(reviewer && { 'reviewer.reviewed_at': reviewer.reviewed_at }) };
  for (const [key, time] of Object.entries(times))
    if (readMoment(time)?.precision !== 'exact')
      return fail(invalid(`attempt.${key} is ${JSON.stringify(time)}, which names no offset; add Z for UTC`));
  return ok(parsed.data);
}

function asTask(attempt: unknown): string {
  const execution = JSON.stringify({ attempts: [attempt] });
  return `---\nid: a\ntitle: a\nkind: task\nstate: idea\nexecution: ${execution}\n---\n`;
}

function invalid(message: string): Problem {
  return { code: 'task-invalid', message, hint: `an attempt has the keys ${ATTEMPT_KEY_ORDER.join(', ')}` };
}

/** What is wrong afterwards and was not before. */
function newProblem(before: string, after: string): Problem | undefined {
  const { problems } = parseTask(after, '');
  if (!problems.some(({ severity }) => severity === 'error')) return undefined;
  const known = new Set(parseTask(before, '').problems.map(({ message }) => message));
  const added = problems.filter(({ severity, message }) => severity === 'error' && !known.has(message));
  if (added.length === 0) return undefined;
  const hint = added.find((problem) => problem.hint !== undefined)?.hint;
  const message = added.map((problem) => problem.message).join('\n');
  return { code: 'task-invalid', message, ...(hint === undefined ? {} : { hint }) };
}
