import { actorHere } from '../../../../compose/acting-user.ts';
import { readRunState } from '../../../../compose/pipeline/read-run.ts';
import { repeatedStages, retryPipelineRun, whyNotRetried } from '../../../../compose/pipeline/retry.ts';
import type { Problem } from '../../../../core/problem.ts';
import { EXIT } from '../../exit-code.ts';
import { knownPipelineRun } from '../../known-pipeline-run.ts';
import { addPipelineOptions, type ParsedPipelineOptions, pipelineOptions } from '../../pipeline-options.ts';
import { withPipelineAudience } from '../../pipeline-session.ts';
import { newProgram } from '../../program.ts';
import { CommandFailure } from '../../run-command.ts';
import { exitFor } from '../../run-session.ts';
import { choose } from '../../terminal/ask.ts';
import { canAsk } from '../../terminal/can-ask.ts';

interface Parsed extends ParsedPipelineOptions {
  readonly from?: string;
  readonly yes?: boolean;
}

/** `pipeline retry <run>`: does failed work again in the same run, or all from a stage on. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = addPipelineOptions(
    newProgram('pipeline retry', 'do failed work of a run again, or all from a stage on')
      .argument('<run>', 'id of a run, or the beginning of one')
      .option('--from <stage>', 'do this stage and all after it again')
      .option('--yes', 'do not ask before finished stages are done again'),
  );
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const { known, stateDirectory } = knownPipelineRun(program.args[0], parsed.stateDir);
  const state = readRunState(known);
  if (!state.ok) throw failure(state.error);
  const refused = whyNotRetried(state.value, parsed.from);
  if (refused !== undefined) throw failure(refused);
  const again = repeatedStages(state.value, parsed.from);
  if (again.length > 0 && parsed.yes !== true && canAsk()) {
    const question = `finished stages are done again: ${again.join(', ')}. go on? [y/n] `;
    if ((await choose(question, { y: 'yes', n: 'no' } as const, 'no')) === 'no') return EXIT.waiting;
  }
  const options = { json: parsed.json === true, events: parsed.events === true };
  return withPipelineAudience(options, (company) =>
    retryPipelineRun(
      {
        known,
        stateDirectory,
        options: pipelineOptions(parsed),
        from: parsed.from,
        actor: actorHere(process.cwd(), parsed.stateDir),
      },
      company,
    ),
  );
}

function failure(problem: Problem): CommandFailure {
  return new CommandFailure(problem, exitFor(problem));
}
