import { gatherInsights } from '../../../compose/insights.ts';
import { parseSince } from '../../../core/insights/since.ts';
import type { InsightsDocument } from '../../contract/insights.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { print } from '../report/history-print.ts';
import { insightsAsText } from '../report/insights-report.ts';
import { insightsLook } from '../report/insights-text.ts';
import { styleFor } from '../report/style.ts';
import { CommandFailure, formatProblem } from '../run-command.ts';

interface Parsed {
  readonly json?: boolean;
  readonly since?: string;
  readonly feature?: readonly string[];
  readonly tasks?: string;
  readonly stateDir?: string;
}

/** `insights`: what the recorded runs and tasks say about stages, failures, ratings and models. Reads only. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('insights', 'learn from the recorded runs: bottlenecks, failures, models')
    .option('--json', 'print one JSON document')
    .option('--since <date>', 'runs that started since this date, time (UTC) or duration, such as 14d')
    .option('--feature <slug...>', 'runs of these features')
    .option('--tasks <file>', 'tasks as task list --output json prints them; - reads standard input')
    .option('--state-dir <directory>', 'look for state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const since = parsed.since === undefined ? undefined : parseSince(parsed.since, Date.now());
  if (since?.ok === false) throw new CommandFailure(since.error, EXIT.usage);
  const answer = gatherInsights({
    cwd: process.cwd(),
    stateDir: parsed.stateDir,
    sinceMs: since?.value,
    features: (parsed.feature ?? []).flatMap((list) => list.split(',').filter((slug) => slug !== '')),
    tasks: parsed.tasks,
  });
  if (!answer.ok)
    throw new CommandFailure(answer.error, answer.error.code === 'bad-tasks' ? EXIT.usage : EXIT.failed);
  const { insights, warnings } = answer.value;
  for (const warning of warnings) process.stderr.write(formatProblem(warning));
  const document: InsightsDocument = { schemaVersion: 1, ...insights };
  await print(
    parsed.json === true
      ? `${JSON.stringify(document, null, 2)}\n`
      : insightsAsText(insights, insightsLook(process.stdout, await styleFor(process.stdout))),
  );
  return EXIT.done;
}
