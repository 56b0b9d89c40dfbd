import { updatePipeline } from '../../../../compose/pipelines/change.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { type RegistryOptions, refuse, STATE_DIR } from '../../registry-command.ts';
import { printRegistered } from '../../report/pipeline/registered.ts';

/** `pipeline update <name> <file>`: registers a new definition; runs that are under way keep theirs. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline update', 'register a new definition of a pipeline')
    .argument('<name>', 'of a registered pipeline')
    .argument('<file>', 'its definition; - is standard input')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<RegistryOptions>();
  const [name = '', file = ''] = program.args;
  const updated = await updatePipeline(name, file, placeOf(process.cwd(), options.stateDir));
  if (!updated.ok) return refuse(updated.error, options);
  await printRegistered(updated.value, 'updated', options);
  return EXIT.done;
}
