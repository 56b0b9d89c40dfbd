import { AS_BEFORE } from '../../feature-options.ts';
import { addPipelineOptions, type ParsedPipelineOptions } from '../../pipeline-options.ts';
import { newProgram } from '../../program.ts';
import { resume } from '../resume.ts';

/** `pipeline resume [run]`: continues a run that paused, failed, waits or lost its owner; finished stages are kept. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = addPipelineOptions(
    newProgram('pipeline resume', 'continue a run where it was; without an id the newest').argument(
      '[run]',
      'id of a run, or the beginning of one',
    ),
  );
  program.parse([...argv], { from: 'user' });
  return resume(program.args[0], { ...AS_BEFORE, ...program.opts<ParsedPipelineOptions>() });
}
