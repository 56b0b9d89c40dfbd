import { lastRunsOf } from '../../../../compose/pipelines/active-runs.ts';
import { findDefinition } from '../../../../compose/pipelines/find.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import { upcomingTimes } from '../../../../compose/pipelines/schedules.ts';
import { plainText } from '../../../../core/agent/plain-text.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, type RegistryOptions, STATE_DIR } from '../../registry-command.ts';
import { detailsDocument } from '../../report/pipeline/documents.ts';
import { printDefinitionProblems } from '../../report/pipeline/problems.ts';
import { showAsText } from '../../report/pipeline/show.ts';
import { styleFor } from '../../report/style.ts';

/** `pipeline show <name|file>`: what a pipeline is, when it starts, and its definition. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline show', 'show a pipeline: its stages and its definition')
    .argument('<name|file>', 'a registered pipeline, or a file')
    .option('--yaml', 'print the definition alone, as authored')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<RegistryOptions & { readonly yaml?: boolean }>();
  const place = placeOf(process.cwd(), options.stateDir);
  const found = need(await findDefinition(program.args[0] ?? '', place));
  if (options.yaml === true) {
    const { text } = found.source;
    process.stdout.write(process.stdout.isTTY === true ? plainText(text) : text);
    return EXIT.done;
  }
  const { pipeline, record } = found;
  if (pipeline === undefined) {
    await printDefinitionProblems(found.problems, found.source, options);
    return EXIT.usage;
  }
  const details = detailsDocument(
    { ...found, pipeline },
    {
      lastRun:
        record === undefined ? undefined : lastRunsOf(place.stateDirectory, [record.name]).get(record.name),
      schedules: await upcomingTimes(pipeline, Date.now()),
    },
  );
  if (options.json === true) printJson(details);
  else process.stdout.write(showAsText(details, pipeline.stages, await styleFor(process.stdout)));
  return EXIT.done;
}
