import { deliverTrace } from '../../../compose/otel-deliver.ts';
import { runsDirectory } from '../../../compose/runs.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';

/** Past its own budget a delivery has hung in a way nobody thought of; it must not stay for ever. */
const LONGEST_LIFE_MS = 300_000;

/**
 * Hidden: started as a detached process when a segment of a run has ended and the variables of OpenTelemetry are set;
 * also the way to send a trace again by hand. Prints what it did as JSON.
 */
export async function main(argv: readonly string[]): Promise<number> {
  setTimeout(() => process.exit(EXIT.failed), LONGEST_LIFE_MS).unref();
  const program = newProgram('otel-deliver', 'send the trace of a run to the OpenTelemetry collector')
    .argument('<execution>', 'id of the run')
    .argument('[run]', 'id of one of its segments (default: the last one)')
    .option('--once', 'not if it was delivered before')
    .option('--state-dir <directory>', 'where state is kept (default: .claude, or MURMUR8_STATE_DIR)');
  program.parse([...argv], { from: 'user' });
  const [executionId = '', runId] = program.args;
  const { stateDir, once = false } = program.opts<{ readonly stateDir?: string; readonly once?: boolean }>();
  const stateDirectory = runsDirectory(process.cwd(), stateDir);
  const sent = await deliverTrace({ stateDirectory, executionId, runId, once });
  if (!sent.ok) {
    throw new CommandFailure(sent.error, EXITS[sent.error.code] ?? EXIT.failed);
  }
  process.stdout.write(`${JSON.stringify(sent.value)}\n`);
  return EXIT.done;
}

const EXITS: Readonly<Record<string, number>> = { 'not-found': EXIT.notFound, conflict: EXIT.conflict };
