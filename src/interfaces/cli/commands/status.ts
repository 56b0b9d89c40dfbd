import { findRun, runsDirectory, statusNow } from '../../../compose/runs.ts';
import { EXIT } from '../exit-code.ts';
import { formatStatusForCLI } from '../report/run-status.ts';
import { stagesAsText, statusAsJson } from '../report/status-more.ts';
import { styleFor } from '../report/style.ts';
import { CommandFailure } from '../run-command.ts';

const REDRAW_MS = 500;

interface Parsed {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly stateDir?: string;
}

/** `status [run-id]`: what happened, why, and what to type next (seed 002). Reads only. */
export async function main(argv: readonly string[]): Promise<number> {
  const { name, parsed } = plainArguments(argv) ?? (await parseWithCommander(argv));
  let drawn = 0;
  for (;;) {
    const run = findRun(runsDirectory(process.cwd(), parsed.stateDir), name);
    if (!run.ok)
      throw new CommandFailure(run.error, run.error.code === 'not-found' ? EXIT.notFound : EXIT.usage);
    const status = statusNow(run.value, Date.now());
    const style = await styleFor(process.stdout);
    const text = parsed.json
      ? statusAsJson(run.value.document, status)
      : formatStatusForCLI(status, {
          runId: run.value.document.executionId,
          style,
        }) + stagesAsText(run.value.document);
    const over = status.status !== 'in-progress' || run.value.document.phase === 'waiting_approval';
    const redraws = parsed.watch === true && process.stdout.isTTY === true && !parsed.json;
    if (redraws && drawn > 0) process.stdout.write(`\x1b[${drawn}A\x1b[0J`);
    if (redraws || over || parsed.watch !== true) process.stdout.write(text);
    drawn = text.split('\n').length - 1;
    if (over || parsed.watch !== true) return EXIT.done;
    await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
  }
}

interface Arguments {
  readonly name: string | undefined;
  readonly parsed: Parsed;
}

/** `status`, `status <run>` and `status --json` are typed all day: they need no parser. */
function plainArguments(argv: readonly string[]): Arguments | undefined {
  const names = argv.filter((word) => word !== '--json');
  if (names.length > 1 || names.some((word) => word.startsWith('-') || word === '')) return undefined;
  return { name: names[0], parsed: names.length < argv.length ? { json: true } : {} };
}

async function parseWithCommander(argv: readonly string[]): Promise<Arguments> {
  const { newProgram } = await import('../program.ts');
  const program = newProgram('status', 'show how a run stands; without an id the newest')
    .argument('[run]', 'id of a run, the beginning of one, or a slug')
    .option('--json', 'print one JSON document')
    .option('--watch', 'redraw until the run ends')
    .option('--state-dir <directory>', 'look for state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  return { name: program.args[0], parsed: program.opts<Parsed>() };
}
