import { type FoundRun, lookForRun, runsDirectory, statusNow } from '../../../compose/runs.ts';
import { plainText } from '../../../core/agent/plain-text.ts';
import { type Problem, placeOf } from '../../../core/problem.ts';
import { corruptStatus, hasLostOwner } from '../../../core/status/observed.ts';
import { EXIT } from '../exit-code.ts';
import { formatStatusForCLI } from '../report/run-status.ts';
import { changeOf, type ObservedRun, whatNext } from '../report/status-document.ts';
import { stagesAsText, statusAsJson } from '../report/status-more.ts';
import { type Style, styleFor } from '../report/style.ts';
import { CommandFailure, formatProblem } from '../run-command.ts';
import { exitFor } from '../run-session.ts';
import { type Glance, watchInLines, watchOnTerminal } from '../terminal/watch-status.ts';

interface Parsed {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly stateDir?: string;
}

/** `status [run-id]`: what happened, why, and what to type next (seed 002). Reads only. */
export async function main(argv: readonly string[]): Promise<number> {
  const { name, parsed } = plainArguments(argv) ?? (await parseWithCommander(argv));
  const directory = runsDirectory(process.cwd(), parsed.stateDir);
  const first = lookedFor(directory, name);
  if (first.rebuilt !== undefined) warn(first.rebuilt);
  const style = await styleFor(process.stdout);
  if (parsed.watch !== true) {
    process.stdout.write(textOf(observed(first), parsed, style, columns()));
    return endOf(first);
  }
  // The run that was found first, also when others begin meanwhile.
  const { executionId } = first.run.document;
  let last: FoundRun | undefined;
  const look = (): Glance => {
    last = last === undefined ? first : lookedFor(directory, executionId);
    const run = observed(last);
    return {
      text: (width) => textOf(run, parsed, style, width),
      change: changeOf(run),
      isOver: run.status.status !== 'in-progress' || last.damaged !== undefined,
    };
  };
  const draws = process.stdout.isTTY === true && process.env['TERM'] !== 'dumb' && parsed.json !== true;
  const end = draws ? await watchOnTerminal(look, process.stdout) : await watchInLines(look, process.stdout);
  if (end === 'over') return endOf(last ?? first);
  return end === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
}

/** The run that is meant. What cannot be read on the way is said, and is no reason not to show another. */
function lookedFor(directory: string, name: string | undefined): FoundRun {
  const { found, passedOver } = lookForRun(directory, name);
  for (const problem of passedOver) warn(problem);
  if (!found.ok) throw new CommandFailure(harmless(found.error), exitFor(found.error));
  return found.value;
}

/** A damaged journal is said after what is known of its run. */
function endOf({ damaged }: FoundRun): number {
  if (damaged === undefined) return EXIT.done;
  throw new CommandFailure(harmless(damaged), exitFor(damaged));
}

function observed({ run, damaged }: FoundRun): ObservedRun {
  const now = Date.now();
  const { document, stored } = run;
  const { owner } = stored;
  // It has lost its owner and cannot simply be resumed either.
  const isStuck = damaged !== undefined && hasLostOwner(document, owner.state);
  const status = isStuck
    ? corruptStatus(document, placeOf(damaged) ?? stored.directory, damaged.message)
    : statusNow(run, now);
  return { document, status, owner, now };
}

function textOf(run: ObservedRun, { json, watch }: Parsed, style: Style, width?: number): string {
  if (json === true) return statusAsJson(run, watch === true ? 'compact' : 'pretty');
  const format = {
    runId: run.document.executionId,
    next: whatNext(run),
    style,
    ...(width === undefined ? {} : { width }),
  };
  const text = formatStatusForCLI(run.status, format) + stagesAsText(run, width);
  // Blocks that follow each other in a pipe.
  return watch === true && width === undefined ? `${text}\n` : text;
}

/** Of a terminal; a pipe has no width. */
function columns(): number | undefined {
  return process.stdout.isTTY === true && process.stdout.columns > 0 ? process.stdout.columns : undefined;
}

function warn(problem: Problem): void {
  process.stderr.write(formatProblem(harmless(problem)));
}

/** Paths and names in a problem come from whoever made them; its reason code is what one looks up. */
function harmless(problem: Problem): Problem {
  const { code, message, file, hint } = problem;
  const named = code === 'SYS_STATE_CORRUPT' ? `${message} (${code})` : message;
  return {
    ...problem,
    message: plainText(named),
    ...(file === undefined ? {} : { file: plainText(file) }),
    ...(hint === undefined ? {} : { hint: plainText(hint) }),
  };
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
    .option('--json', 'print one JSON document; with --watch one a line')
    .option('--watch', 'redraw until the run ends; into a pipe, print it after every change')
    .option('--state-dir <directory>', 'look for state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  return { name: program.args[0], parsed: program.opts<Parsed>() };
}
