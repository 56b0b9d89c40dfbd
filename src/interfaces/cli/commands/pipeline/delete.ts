import { deletePipeline } from '../../../../compose/pipelines/change.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import type { PipelineDeletionDocument } from '../../../contract/pipeline.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, type RegistryOptions, STATE_DIR } from '../../registry-command.ts';

/** `pipeline delete <name>`: forgets a pipeline that has no active runs. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline delete', 'forget a pipeline; its runs and their history stay')
    .argument('<name>', 'of a registered pipeline')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<RegistryOptions>();
  const place = placeOf(process.cwd(), options.stateDir);
  const { id, name } = need(deletePipeline(program.args[0] ?? '', place));
  if (options.json === true) printJson({ id, name, deleted: true } satisfies PipelineDeletionDocument);
  else process.stdout.write(`deleted ${name}; its runs and their history stay\n`);
  return EXIT.done;
}
