import { Option } from 'commander';
import { findDefinition } from '../../../../compose/pipelines/find.ts';
import { placeOf } from '../../../../compose/pipelines/place.ts';
import type { PipelineGraphDocument } from '../../../contract/pipeline.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, type RegistryOptions, STATE_DIR } from '../../registry-command.ts';
import { graphAsText } from '../../report/graph/as-text.ts';
import { graphAsMermaid } from '../../report/graph/mermaid.ts';
import { printDefinitionProblems } from '../../report/pipeline/problems.ts';
import { PLAIN, styleFor } from '../../report/style.ts';

const WIDTH = 100;

/** `pipeline graph <name|file>`: how the stages hang together, for a terminal or as Mermaid. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline graph', 'draw a pipeline')
    .argument('<name|file>', 'a registered pipeline, or a file')
    .addOption(new Option('--format <format>', 'of the drawing').choices(['text', 'mermaid']).default('text'))
    .option('--mermaid', 'the same as --format mermaid')
    .option('--json', 'print one JSON document with both')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<
    RegistryOptions & { readonly format: 'text' | 'mermaid'; readonly mermaid?: boolean }
  >();
  const found = need(await findDefinition(program.args[0] ?? '', placeOf(process.cwd(), options.stateDir)));
  const { pipeline } = found;
  if (pipeline === undefined) {
    await printDefinitionProblems(found.problems, found.source, options);
    return EXIT.usage;
  }
  if (options.json === true) {
    printJson({
      name: pipeline.name,
      text: graphAsText(pipeline, { width: WIDTH, style: PLAIN }),
      mermaid: graphAsMermaid(pipeline),
    } satisfies PipelineGraphDocument);
    return EXIT.done;
  }
  const look = { width: process.stdout.columns ?? WIDTH, style: await styleFor(process.stdout) };
  const asMermaid = options.mermaid === true || options.format === 'mermaid';
  process.stdout.write(asMermaid ? graphAsMermaid(pipeline) : graphAsText(pipeline, look));
  return EXIT.done;
}
