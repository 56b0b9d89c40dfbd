import { fail, ok, type Result } from '../../core/result.ts';
import { ATTEMPT_KEY_ORDER, type ExecutionAttempt } from '../../core/task/execution.ts';
import { parseTask } from '../../core/task/parse-task.ts';
import { readStandardInput } from '../../edges/files/standard-input.ts';

const MOST_BYTES = 4 << 20;
const MOST_ATTEMPTS = 1000;

/**
 * Attempts that somebody gives as JSON: one object, or a list of them; `-` reads standard input. They are judged by the
 * rules of the files, everything that is wrong at once, one line each. Problems: `bad-attempt`, and of reading.
 */
export function readAttempts(given: string): Result<readonly ExecutionAttempt[]> {
  const text = given === '-' ? readStandardInput(MOST_BYTES) : ok(given);
  if (!text.ok) return text;
  let value: unknown;
  try {
    value = JSON.parse(text.value.toString());
  } catch {
    return fail(refused(`${given === '-' ? 'standard input' : 'an attempt'} is not JSON`));
  }
  const attempts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (attempts.length === 0 || attempts.length > MOST_ATTEMPTS)
    return fail(refused(`it takes one attempt, or a list of up to ${MOST_ATTEMPTS}`));
  const wrong = whatIsWrong(attempts);
  if (wrong.length > 0) return fail(refused(wrong.join('\n')));
  return ok(attempts as readonly ExecutionAttempt[]);
}

/** As if they were a file's attempts: JSON is YAML. */
function whatIsWrong(attempts: readonly unknown[]): string[] {
  const execution = JSON.stringify({ attempts });
  const task = `---\nid: a\ntitle: a\nkind: task\nstate: idea\nexecution: ${execution}\n---\n`;
  const isOne = attempts.length === 1;
  return parseTask(task, '')
    .problems.filter(({ severity, path }) => severity === 'error' || path.endsWith('_at'))
    .map(({ message }) =>
      message.replaceAll(/execution\.attempts\.(\d+)/g, (_, index: string) =>
        isOne ? 'attempt' : `attempt ${Number(index) + 1}`,
      ),
    );
}

function refused(message: string) {
  return {
    code: 'bad-attempt',
    message,
    hint: `an attempt is JSON with the keys ${ATTEMPT_KEY_ORDER.join(', ')}`,
  };
}
