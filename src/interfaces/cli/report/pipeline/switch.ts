import { setPipelineEnabled } from '../../../../compose/pipelines/change.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import type { PipelineChangeDocument } from '../../../contract/pipeline.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, type RegistryOptions, STATE_DIR } from '../../registry-command.ts';
import { rowOf } from './documents.ts';

/** The one implementation of `pipeline enable` and `pipeline disable`. */
export async function setEnabledByCommand(
  enabled: boolean,
  summary: string,
  argv: readonly string[],
): Promise<number> {
  const program = newProgram(`pipeline ${enabled ? 'enable' : 'disable'}`, summary)
    .argument('<name>', 'of a registered pipeline')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<RegistryOptions>();
  const place = placeOf(process.cwd(), options.stateDir);
  const { record, changed } = need(setPipelineEnabled(program.args[0] ?? '', enabled, place));
  if (options.json === true) {
    printJson({ pipeline: rowOf(record), changed } satisfies PipelineChangeDocument);
    return EXIT.done;
  }
  const word = enabled ? 'enabled' : 'disabled';
  process.stdout.write(changed ? `${word} ${record.name}\n` : `${record.name} was ${word} already\n`);
  return EXIT.done;
}
