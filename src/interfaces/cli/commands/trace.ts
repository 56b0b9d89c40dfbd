import { traceFeature } from '../../../compose/trace.ts';
import { parseSlug } from '../../../core/feature/slug.ts';
import { formatTrace } from '../../../core/feature/traceability.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';
import { exitFor } from '../run-session.ts';

/** `trace <slug>`: story → criterion → test → result → step → file, from the feature's own files. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('trace', 'show story, criterion, test, result, step and file of a feature')
    .argument('<slug>', 'name of the feature')
    .option('--json', 'print one JSON document')
    .option('--state-dir <directory>', 'look for state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  const { json, stateDir } = program.opts<{ json?: boolean; stateDir?: string }>();
  const slug = parseSlug(program.args[0] ?? '');
  if (!slug.ok) throw new CommandFailure(slug.error, EXIT.usage);
  const trace = await traceFeature(process.cwd(), stateDir, slug.value.slug);
  if (!trace.ok) throw new CommandFailure(trace.error, exitFor(trace.error));
  process.stdout.write(
    json === true ? `${JSON.stringify(trace.value, null, 2)}\n` : formatTrace(trace.value),
  );
  return EXIT.done;
}
