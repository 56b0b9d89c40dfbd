import { listRunners } from '../../../../compose/agents/list.ts';
import { EXIT } from '../../exit-code.ts';
import { duration } from '../../option-values.ts';
import { newProgram } from '../../program.ts';
import { printJson, STATE_DIR } from '../../registry-command.ts';
import { agentsAsText, agentsDocument } from '../../report/agents.ts';
import { lookAt } from '../../report/look.ts';
import { formatProblem } from '../../run-command.ts';
import { onSignal } from '../../run-session.ts';

const PATIENCE_MS = 20_000;

/** `agents list`, and `agents` alone: every runner, how it stands here, and which stages would use it. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram(
    'agents list',
    'show every runner, and the stages that would use it; no model is asked',
  )
    .option('--timeout <duration>', 'longest wait for each runner (default: 20s)', duration, PATIENCE_MS)
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const { timeout, json, stateDir } = program.opts<{ timeout: number; json?: boolean; stateDir?: string }>();
  const listing = await listRunners(
    { cwd: process.cwd(), stateDirectory: stateDir, timeoutMs: timeout },
    onSignal,
  );
  if (listing.signal !== undefined) return listing.signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  if (json === true) {
    printJson(agentsDocument(listing));
    return EXIT.done;
  }
  process.stdout.write(agentsAsText(listing, await lookAt(process.stdout)));
  for (const problem of listing.problems) process.stderr.write(formatProblem(problem));
  return EXIT.done;
}
