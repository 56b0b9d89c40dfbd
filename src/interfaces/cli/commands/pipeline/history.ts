import { runsOfPipeline } from '../../../../compose/pipeline/history.ts';
import { runsDirectory } from '../../../../compose/runs.ts';
import { EXIT } from '../../exit-code.ts';
import { count } from '../../option-values.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, STATE_DIR } from '../../registry-command.ts';
import { lookAt } from '../../report/look.ts';
import { pipelineHistoryAsText } from '../../report/pipeline-run.ts';

const USUAL_LIMIT = 20;

/** `pipeline history <name>`: the runs of a pipeline, newest first; also after it was deleted. Reads only. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline history', 'list the runs of a pipeline, newest first')
    .argument('<name>', 'name of the pipeline')
    .option('--limit <n>', 'show so many at most', count, USUAL_LIMIT)
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<{ limit: number; json?: boolean; stateDir?: string }>();
  const directory = runsDirectory(process.cwd(), options.stateDir);
  const runs = need(runsOfPipeline(directory, program.args[0] ?? '', options.limit));
  if (options.json === true) printJson({ runs });
  else process.stdout.write(pipelineHistoryAsText(runs, await lookAt(process.stdout)));
  return EXIT.done;
}
