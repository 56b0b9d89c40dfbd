import { findRun, type KnownRun, runsDirectory } from '../../compose/runs.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './run-command.ts';
import { exitFor } from './run-session.ts';

/** A run of a pipeline, by any id of it or the beginning of one, with the directory in which it is kept. */
export function knownPipelineRun(
  name: string | undefined,
  stateDir: string | undefined,
): { readonly known: KnownRun; readonly stateDirectory: string } {
  const stateDirectory = runsDirectory(process.cwd(), stateDir);
  const found = findRun(stateDirectory, name, 'pipeline');
  if (!found.ok) throw new CommandFailure(found.error, exitFor(found.error));
  const { slug, executionId } = found.value.document;
  if (slug === undefined) return { known: found.value, stateDirectory };
  const problem = {
    code: 'not-a-pipeline',
    message: `${executionId} is the run of the feature ${slug}, not of a pipeline`,
    hint: `murmur8 status ${executionId} shows it`,
  };
  throw new CommandFailure(problem, EXIT.usage);
}
