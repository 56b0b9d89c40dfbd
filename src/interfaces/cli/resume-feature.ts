import { resumeRun } from '../../compose/implement-feature.ts';
import type { KnownRun } from '../../compose/runs.ts';
import { featureOptions, type ParsedFeatureOptions } from './feature-options.ts';
import { withAudience } from './feature-session.ts';

/** Continues the run of a feature, shows it, and answers with the exit code of how it ended. */
export function resumeFeature(
  known: KnownRun,
  stateDirectory: string,
  parsed: ParsedFeatureOptions,
): Promise<number> {
  const options = { json: parsed.json === true, events: parsed.events === true, yes: parsed.yes === true };
  return withAudience(options, (company) =>
    resumeRun({ known, stateDirectory, options: featureOptions(parsed) }, company),
  );
}
