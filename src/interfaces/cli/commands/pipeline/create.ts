import { createPipeline } from '../../../../compose/pipelines/change.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { type RegistryOptions, refuse, STATE_DIR } from '../../registry-command.ts';
import { printRegistered } from '../../report/pipeline/registered.ts';

/** `pipeline create <file>`: registers the definition in a file under the name that stands in it. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline create', 'register a pipeline')
    .argument('<file>', 'its definition; - is standard input')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<RegistryOptions>();
  const created = await createPipeline(program.args[0] ?? '', placeOf(process.cwd(), options.stateDir));
  if (!created.ok) return refuse(created.error, options);
  await printRegistered(created.value, 'created', options);
  return EXIT.done;
}
