import { resumeRun } from '../../../compose/implement-feature.ts';
import { findRun, runsDirectory } from '../../../compose/runs.ts';
import { EXIT } from '../exit-code.ts';
import { addRunOptions, featureOptions, type ParsedFeatureOptions } from '../feature-options.ts';
import { withAudience } from '../feature-session.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';

/** `resume [run]`: continues a run that paused, stopped, failed or lost its owner; finished stages are kept. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = addRunOptions(
    newProgram('resume', 'continue a run where it was; without an id the newest').argument(
      '[run]',
      'id of a run, the beginning of one, or a slug',
    ),
  );
  program.parse([...argv], { from: 'user' });
  return resume(program.args[0], program.opts<ParsedFeatureOptions>());
}

/** Shared with `pipeline run --resume`. */
export async function resume(name: string | undefined, parsed: ParsedFeatureOptions): Promise<number> {
  const directory = runsDirectory(process.cwd(), parsed.stateDir);
  const known = findRun(directory, name);
  if (!known.ok)
    throw new CommandFailure(known.error, known.error.code === 'not-found' ? EXIT.notFound : EXIT.usage);
  const { phase, executionId, status } = known.value.document;
  if (phase === 'succeeded' || phase === 'cancelled') {
    const problem = {
      code: 'finished',
      message: `run ${executionId} has ended: ${status.reason_code}`,
      hint: 'begin anew with murmur8 implement-feature <slug> --restart',
    };
    throw new CommandFailure(problem, EXIT.conflict);
  }
  const options = { json: parsed.json === true, events: parsed.events === true, yes: parsed.yes === true };
  return withAudience(options, (company) =>
    resumeRun({ known: known.value, stateDirectory: directory, options: featureOptions(parsed) }, company),
  );
}
