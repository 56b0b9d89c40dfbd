import { EXIT } from '../../exit-code.ts';
import { knownPipelineRun } from '../../known-pipeline-run.ts';
import { newProgram } from '../../program.ts';
import { printJson, STATE_DIR } from '../../registry-command.ts';
import { cancelKnown } from '../cancel.ts';

/** `pipeline cancel <run>`: ends a run for good; open gates are closed, and nothing is rolled back. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline cancel', 'end a run for good; nothing is rolled back')
    .argument('<run>', 'id of a run, or the beginning of one')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<{ json?: boolean; stateDir?: string }>();
  const { known, stateDirectory } = knownPipelineRun(program.args[0], options.stateDir);
  const said = await cancelKnown(known, stateDirectory);
  if (options.json === true) printJson({ run_id: known.document.executionId, cancelled: said.isOver });
  else process.stdout.write(`${said.text}\n`);
  return EXIT.done;
}
