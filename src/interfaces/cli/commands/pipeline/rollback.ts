import { actorHere } from '../../../../compose/acting-user.ts';
import { readRunState } from '../../../../compose/pipeline/read-run.ts';
import { planOf, rollBackPipelineRun } from '../../../../compose/pipeline/rollback.ts';
import type { Problem } from '../../../../core/problem.ts';
import { EXIT } from '../../exit-code.ts';
import { knownPipelineRun } from '../../known-pipeline-run.ts';
import { addPipelineOptions, type ParsedPipelineOptions, pipelineOptions } from '../../pipeline-options.ts';
import { withPipelineAudience } from '../../pipeline-session.ts';
import { newProgram } from '../../program.ts';
import { printJson } from '../../registry-command.ts';
import { CommandFailure } from '../../run-command.ts';
import { exitFor } from '../../run-session.ts';

interface Parsed extends ParsedPipelineOptions {
  readonly to?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
}

/** `pipeline rollback <run> --to <stage>`: undoes a stage and every finished one after it. Done: exit 0, though the run has failed. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = addPipelineOptions(
    newProgram('pipeline rollback', 'undo a stage of a run, and what came of it')
      .argument('<run>', 'id of a run, or the beginning of one')
      .option('--to <stage>', 'the first stage that is undone')
      .option('--reason <text>', 'why, for the record')
      .option('--dry-run', 'show what would be undone, in which order'),
  );
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const { to } = parsed;
  if (to === undefined) throw new CommandFailure(noTarget, EXIT.usage);
  const { known, stateDirectory } = knownPipelineRun(program.args[0], parsed.stateDir);
  const state = readRunState(known);
  if (!state.ok) throw failure(state.error);
  const plan = planOf(state.value, to);
  if (!plan.ok) throw failure(plan.error);
  if (parsed.dryRun === true)
    return show({ runId: known.document.executionId, to, json: parsed.json === true }, plan.value);
  let isRolledBack = false;
  const exit = await withPipelineAudience(
    {
      json: parsed.json === true,
      events: parsed.events === true,
      ended: ({ code }) => {
        isRolledBack = code === 'ROLLED_BACK';
      },
    },
    (company) =>
      rollBackPipelineRun(
        {
          known,
          stateDirectory,
          options: pipelineOptions(parsed),
          to,
          reason: parsed.reason,
          actor: actorHere(process.cwd(), parsed.stateDir),
        },
        company,
      ),
  );
  return isRolledBack ? EXIT.done : exit;
}

const noTarget = {
  code: 'usage',
  message: 'to which stage is the run to be rolled back?',
  hint: 'name it with --to <stage>; --dry-run shows what would be undone',
};

function show(
  { runId, to, json }: { readonly runId: string; readonly to: string; readonly json: boolean },
  stages: readonly string[],
): number {
  if (json) printJson({ run_id: runId, target_stage: to, stages });
  else process.stdout.write(`would undo, in this order: ${stages.join(', ')}\n`);
  return EXIT.done;
}

function failure(problem: Problem): CommandFailure {
  return new CommandFailure(problem, exitFor(problem));
}
