import { cancelRun } from '../../../compose/cancel.ts';
import { findRun, type KnownRun, runsDirectory } from '../../../compose/runs.ts';
import type { Problem } from '../../../core/problem.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure, formatProblem } from '../run-command.ts';
import { exitFor } from '../run-session.ts';

/** `cancel <run>`: ends a run for good. Its changes stay in the working tree and in its checkpoints. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('cancel', 'end a run for good; its changes stay where they are')
    .argument('<run>', 'id of a run, the beginning of one, or a slug')
    .option('--state-dir <directory>', 'look for state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  const directory = runsDirectory(process.cwd(), program.opts<{ stateDir?: string }>().stateDir);
  const known = findRun(directory, program.args[0]);
  if (!known.ok) throw new CommandFailure(known.error, exitFor(known.error));
  const { text } = await cancelKnown(known.value, directory);
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

/** Shared with `pipeline cancel`. `isOver`: false when its owner has been asked and is still ending it. */
export async function cancelKnown(
  { document }: KnownRun,
  stateDirectory: string,
): Promise<{ readonly text: string; readonly isOver: boolean }> {
  const { executionId, phase, status } = document;
  if (phase === 'succeeded' || phase === 'failed' || phase === 'cancelled') {
    const problem = {
      code: 'finished',
      message: `run ${executionId} has ended already: ${status.reason_code}`,
    };
    throw new CommandFailure(problem, EXIT.conflict);
  }
  const warn = (problem: Problem): void => {
    process.stderr.write(formatProblem(problem).replace(/^murmur8: /, 'murmur8: warning: '));
  };
  const cancelled = await cancelRun(stateDirectory, executionId, 'USER_CANCELLED', warn);
  if (!cancelled.ok) throw new CommandFailure(cancelled.error, exitFor(cancelled.error));
  return cancelled.value === 'asked'
    ? { text: `asked the owner of run ${executionId} to end it`, isOver: false }
    : { text: `run ${executionId} is cancelled`, isOver: true };
}
