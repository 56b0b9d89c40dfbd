import { cancelRun } from '../../../compose/cancel.ts';
import { findRun, runsDirectory } from '../../../compose/runs.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';
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
  const { executionId, phase, status } = known.value.document;
  if (phase === 'succeeded' || phase === 'failed' || phase === 'cancelled') {
    const problem = {
      code: 'finished',
      message: `run ${executionId} has ended already: ${status.reason_code}`,
    };
    throw new CommandFailure(problem, EXIT.conflict);
  }
  const cancelled = await cancelRun(directory, executionId);
  if (!cancelled.ok) throw new CommandFailure(cancelled.error, exitFor(cancelled.error));
  process.stdout.write(
    cancelled.value === 'asked'
      ? `asked the owner of run ${executionId} to end it\n`
      : `run ${executionId} is cancelled\n`,
  );
  return EXIT.done;
}
