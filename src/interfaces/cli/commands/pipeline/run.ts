import { addRunOptions, type ParsedFeatureOptions } from '../../feature-options.ts';
import { newProgram } from '../../program.ts';
import { resume } from '../resume.ts';

/** `pipeline run --resume <run>`: the form in which seed 002 prints how a run goes on. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = addRunOptions(
    newProgram('pipeline run', 'continue a run').option('--resume <run>', 'id of the run to continue'),
  );
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<ParsedFeatureOptions & { readonly resume?: string }>();
  if (parsed.resume === undefined) program.error("error: required option '--resume <run>' not specified");
  return resume(parsed.resume, parsed);
}
