import { addRunOptions, type ParsedFeatureOptions } from '../feature-options.ts';
import { newProgram } from '../program.ts';
import { resume } from './resume.ts';

/** `pipeline run --resume <run>`: the form in which seed 002 prints how a run goes on. */
export async function main(argv: readonly string[]): Promise<number> {
  let exit = 0;
  const program = newProgram('pipeline', 'continue runs of pipelines');
  addRunOptions(
    program
      .command('run')
      .description('continue a run')
      .exitOverride()
      .requiredOption('--resume <run>', 'id of the run to continue'),
  ).action(async (parsed: ParsedFeatureOptions & { readonly resume: string }) => {
    exit = await resume(parsed.resume, parsed);
  });
  await program.parseAsync([...argv], { from: 'user' });
  return exit;
}
