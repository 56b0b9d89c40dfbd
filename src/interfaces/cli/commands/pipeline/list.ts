import { listPipelines } from '../../../../compose/pipelines/list.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import { shownPath } from '../../../../compose/pipelines/source.ts';
import type { PipelineListDocument } from '../../../contract/pipeline.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, type RegistryOptions, STATE_DIR } from '../../registry-command.ts';
import { summaryDocument } from '../../report/pipeline/documents.ts';
import { listAsText } from '../../report/pipeline/list.ts';
import { styleFor } from '../../report/style.ts';

/** `pipeline list`: what is registered, and how the latest run of each one stands. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline list', 'list the registered pipelines')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<RegistryOptions>();
  const place = placeOf(process.cwd(), options.stateDir);
  const pipelines = need(await listPipelines(place));
  if (options.json === true) {
    printJson({ pipelines: pipelines.map(summaryDocument) } satisfies PipelineListDocument);
    return EXIT.done;
  }
  const style = await styleFor(process.stdout);
  process.stdout.write(listAsText(pipelines, style, (file) => shownPath(place.cwd, file)));
  return EXIT.done;
}
