import { hasLostOwner, readRunState } from '../../../../compose/pipeline/read-run.ts';
import { EXIT } from '../../exit-code.ts';
import { knownPipelineRun } from '../../known-pipeline-run.ts';
import { newProgram } from '../../program.ts';
import { printJson, STATE_DIR } from '../../registry-command.ts';
import { lookAt } from '../../report/look.ts';
import { pipelineRunAsText } from '../../report/pipeline-run.ts';
import { runDetails } from '../../report/run-details.ts';
import { CommandFailure } from '../../run-command.ts';
import { exitFor } from '../../run-session.ts';

const REDRAW_MS = 500;

interface Parsed {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly stateDir?: string;
}

/** `pipeline status [run]`: a run of a pipeline, stage by stage. Reads only. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline status', 'show a run stage by stage; without an id the newest')
    .argument('[run]', 'id of a run, or the beginning of one')
    .option('--json', 'print one JSON document')
    .option('--watch', 'redraw until the run ends or waits')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const redraws = parsed.watch === true && process.stdout.isTTY === true && parsed.json !== true;
  let drawn = 0;
  for (;;) {
    const { known } = knownPipelineRun(program.args[0], parsed.stateDir);
    const state = readRunState(known);
    if (!state.ok) throw new CommandFailure(state.error, exitFor(state.error));
    const { phase } = state.value;
    const isLost = hasLostOwner(known, phase);
    const isOver = isLost || (phase !== 'running' && phase !== 'pending');
    const details = runDetails(state.value, isLost);
    if (parsed.json === true && (isOver || parsed.watch !== true)) printJson(details);
    else if (parsed.json !== true && (redraws || isOver || parsed.watch !== true)) {
      const text = pipelineRunAsText(details, await lookAt(process.stdout));
      if (drawn > 0) process.stdout.write(`\x1b[${drawn}A\x1b[0J`);
      process.stdout.write(text);
      drawn = redraws ? text.split('\n').length - 1 : 0;
    }
    if (isOver || parsed.watch !== true) return EXIT.done;
    await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
  }
}
