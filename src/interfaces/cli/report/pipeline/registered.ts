import type { Registered } from '../../../../compose/pipelines/change.ts';
import type { RegistrationDocument } from '../../../contract/pipeline.ts';
import { asTyped } from '../../as-typed.ts';
import { printJson, type RegistryOptions } from '../../registry-command.ts';
import { oneLine } from '../one-line.ts';
import { problemDocument, rowOf } from './documents.ts';
import { printDefinitionProblems } from './problems.ts';

/** Says what `create` or `update` did; warnings go to standard error. */
export async function printRegistered(
  done: Registered,
  verb: 'created' | 'updated',
  options: RegistryOptions,
): Promise<void> {
  const { record, changed, pipeline, source, warnings, setAside } = done;
  if (options.json === true) {
    printJson({
      pipeline: { ...rowOf(record), definition: source.text },
      changed,
      problems: warnings.map(problemDocument),
      set_aside: setAside ?? null,
    } satisfies RegistrationDocument);
    return;
  }
  await printDefinitionProblems(warnings, source, options);
  const stages = pipeline.stages.length === 1 ? '1 stage' : `${pipeline.stages.length} stages`;
  const text = changed
    ? `${verb} ${record.name}: ${stages}, revision ${record.revision}\n`
    : `${record.name} is unchanged: revision ${record.revision} says just this\n`;
  const kept =
    setAside === undefined
      ? ''
      : `what was written into its file by hand is kept in ${oneLine(setAside, 400)}\n`;
  const next = verb === 'created' ? asTyped(`run it with murmur8 pipeline run ${record.name}\n`) : '';
  process.stdout.write(text + kept + next);
}
