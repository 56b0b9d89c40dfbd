import { askOfRun } from '../../../compose/requests.ts';
import { findRun, runsDirectory } from '../../../compose/runs.ts';
import { EXIT } from '../exit-code.ts';
import { addRunOptions, type ParsedFeatureOptions } from '../feature-options.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';
import { exitFor } from '../run-session.ts';
import { resume } from './resume.ts';

const MAX_ANSWER = 100_000;

/** `answer <run> <text>`: answers an agent's question; the run then goes on, here unless it is driven elsewhere. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = addRunOptions(
    newProgram('answer', 'answer the question an agent asked; its run goes on')
      .argument('<run>', 'id of a run, the beginning of one, or a slug')
      .argument('<text...>', 'the answer'),
  );
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<ParsedFeatureOptions>();
  const [name, ...words] = program.args;
  const text = words.join(' ').trim();
  const directory = runsDirectory(process.cwd(), parsed.stateDir);
  const known = findRun(directory, name);
  if (!known.ok) throw new CommandFailure(known.error, exitFor(known.error));
  const { executionId, question } = known.value.document;
  if (question === undefined) {
    const problem = {
      code: 'no-question',
      message: `run ${executionId} has no open question`,
      hint: `murmur8 status ${executionId} shows how it stands`,
    };
    throw new CommandFailure(problem, EXIT.conflict);
  }
  if (text === '' || text.length > MAX_ANSWER) {
    throw new CommandFailure(
      { code: 'bad-answer', message: `an answer has 1 to ${MAX_ANSWER} characters` },
      EXIT.usage,
    );
  }
  const asked = askOfRun(directory, executionId, { kind: 'answer', text });
  if (!asked.ok) throw new CommandFailure(asked.error, exitFor(asked.error));
  if (known.value.stored.owner.state === 'held') {
    process.stdout.write(
      `the answer was left with run ${executionId}, which process ${known.value.stored.owner.pid ?? '?'} drives\n`,
    );
    return EXIT.done;
  }
  return resume(executionId, parsed);
}
