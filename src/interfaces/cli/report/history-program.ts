import { type Command, Option } from 'commander';
import { type HistoryFilter, parseInstant } from '../../../core/history/filter.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';
import { ask } from '../terminal/ask.ts';
import { canAsk } from '../terminal/can-ask.ts';
import { formatHistoryEntry } from './history.ts';
import { type ExportFormat, exportPieces } from './history-export.ts';
import { type HistoryOptions, historyOf, NEWEST, need, print, printHistory } from './history-print.ts';
import { formatRepair } from './history-repair.ts';
import { styleFor } from './style.ts';

interface Options extends HistoryOptions {
  readonly force?: boolean;
  readonly format?: ExportFormat;
  readonly since?: string;
  readonly until?: string;
  readonly status?: string;
  readonly feature?: string;
  readonly output?: string;
}

/** `history` with all its verbs and its help. */
export async function runHistoryProgram(argv: readonly string[]): Promise<void> {
  const program = shared(newProgram('history', 'show the recorded runs, newest first'))
    .option('--all', `every run instead of the newest ${NEWEST}`)
    .option('--stats', 'success rate, durations and failures instead of a list')
    .option('--cost', 'what the runs cost, by stage and by model')
    .action((options: Options) => printHistory(options));
  shared(
    program.command('show <run-id>').description('everything about one run; the beginning of its id will do'),
  ).action(printOne);
  withoutJson(program.command('export').description('write the runs as CSV or JSON, oldest first'))
    .addOption(new Option('--format <format>', 'of the export').choices(['csv', 'json']).default('csv'))
    .option('--since <date>', 'runs that started at or after this date or time (UTC)')
    .option('--until <date>', 'runs that started at or before this date or time (UTC)')
    .addOption(new Option('--status <status>', 'runs that ended so').choices(['success', 'failed', 'paused']))
    .option('--feature <slug>', 'runs of this feature')
    .option('--output <file>', 'write to a file instead of standard output')
    .action((_: Options, command: Command) => exportRuns(command.optsWithGlobals()));
  withoutJson(program.command('clear').description('delete the history'))
    .option('--force', 'without asking')
    .action((_: Options, command: Command) => clear(command.optsWithGlobals()));
  shared(program.command('repair').description('save every whole entry of a damaged history file')).action(
    (_: Options, command: Command) => repairFile(command.optsWithGlobals()),
  );
  await program.parseAsync([...argv], { from: 'user' });
}

function withoutJson(command: Command): Command {
  return command.option(
    '--state-dir <directory>',
    'where state is kept (default: .claude, or MURMUR8_STATE_DIR)',
  );
}

function shared(command: Command): Command {
  return withoutJson(command.option('--json', 'print JSON'));
}

async function printOne(runId: string, _: Options, command: Command): Promise<void> {
  const options: Options = command.optsWithGlobals();
  const entry = need(historyOf(options).find(runId));
  await print(
    options.json === true
      ? `${JSON.stringify(entry, null, 2)}\n`
      : formatHistoryEntry(entry, await styleFor(process.stdout)),
  );
}

async function exportRuns(options: Options): Promise<void> {
  const history = historyOf(options);
  const pieces = exportPieces(history.oldestFirst(), options.format ?? 'csv', filterOf(options));
  if (options.output !== undefined) {
    need(history.save(options.output, pieces));
    return;
  }
  for (const piece of pieces) await print(need(piece));
}

function filterOf(options: Options): HistoryFilter {
  const sinceMs = options.since === undefined ? undefined : need(parseInstant(options.since, 'since'));
  const untilMs = options.until === undefined ? undefined : need(parseInstant(options.until, 'until'));
  return {
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.feature === undefined ? {} : { feature: options.feature }),
  };
}

async function clear(options: Options): Promise<void> {
  const history = historyOf(options);
  if (options.force !== true) {
    if (!canAsk())
      throw new CommandFailure(
        {
          code: 'needs-force',
          message: 'clear deletes every recorded run and there is nobody to ask',
          hint: 'murmur8 history clear --force deletes without asking',
        },
        EXIT.usage,
      );
    const answer = await ask(`delete every recorded run in ${history.file}? [y/N] `);
    if (!/^y(es)?$/i.test(answer ?? '')) return print('Nothing deleted.\n');
  }
  await print(need(history.clear()) ? `Deleted ${history.file}\n` : 'There was no history.\n');
}

async function repairFile(options: Options): Promise<void> {
  const history = historyOf(options);
  const outcome = need(history.repair());
  await print(
    options.json === true ? `${JSON.stringify(outcome, null, 2)}\n` : formatRepair(outcome, history.file),
  );
}
