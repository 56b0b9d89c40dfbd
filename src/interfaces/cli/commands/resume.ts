import { isEndUnrecorded, resumePipelineRun } from '../../../compose/pipeline/resume.ts';
import { findRun, type KnownRun, runsDirectory } from '../../../compose/runs.ts';
import { EXIT } from '../exit-code.ts';
import { addRunOptions, type ParsedFeatureOptions } from '../feature-options.ts';
import { pipelineOptions } from '../pipeline-options.ts';
import { withPipelineAudience } from '../pipeline-session.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';
import { exitFor } from '../run-session.ts';

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

/**
 * Shared with `pipeline resume` and `pipeline run --resume`. `owned` is given by an owner in the background, and called
 * once the run is owned here.
 */
export async function resume(
  name: string | undefined,
  parsed: ParsedFeatureOptions,
  owned?: () => void,
): Promise<number> {
  const stateDirectory = runsDirectory(process.cwd(), parsed.stateDir);
  const found = findRun(stateDirectory, name);
  if (!found.ok) throw new CommandFailure(found.error, exitFor(found.error));
  const known = found.value;
  const { phase, slug } = known.document;
  const isOver = phase === 'succeeded' || phase === 'cancelled';
  if (isOver && (slug !== undefined || !isEndUnrecorded(known))) throw over(known);
  // Whoever drives pipelines does not load the feature pipeline.
  if (slug !== undefined)
    return (await import('../resume-feature.ts')).resumeFeature(known, stateDirectory, parsed);
  const options = { json: parsed.json === true, events: parsed.events === true };
  return withPipelineAudience(owned === undefined ? options : { ...options, owned }, (company) =>
    resumePipelineRun(
      { known, stateDirectory, options: pipelineOptions(parsed), asOwner: owned !== undefined },
      company,
    ),
  );
}

function over({ document }: KnownRun): CommandFailure {
  const { executionId, status, slug, phase, pipeline } = document;
  const again =
    phase === 'succeeded'
      ? `repeat a part of it with murmur8 pipeline retry ${executionId} --from <stage>, or begin anew with murmur8 pipeline run ${pipeline}`
      : `begin anew with murmur8 pipeline run ${pipeline}`;
  const problem = {
    code: 'finished',
    message: `run ${executionId} has ended: ${status.reason_code}`,
    hint: slug === undefined ? again : 'begin anew with murmur8 implement-feature <slug> --restart',
  };
  return new CommandFailure(problem, EXIT.conflict);
}
