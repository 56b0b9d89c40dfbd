import { type History, openHistory } from '../../../compose/history.ts';
import { costsOf } from '../../../core/history/cost.ts';
import type { RecordedEntry } from '../../../core/history/recorded-entry.ts';
import { statisticsOf } from '../../../core/history/statistics.ts';
import type { Problem } from '../../../core/problem.ts';
import type { Result } from '../../../core/result.ts';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../run-command.ts';
import { formatEmptyHistory, formatHistoryList } from './history.ts';
import { formatCosts, formatStatistics } from './history-figures.ts';
import { styleFor } from './style.ts';

/** What every verb of `history` takes, and what the list and the figures take. */
export interface HistoryOptions {
  readonly all?: boolean;
  readonly stats?: boolean;
  readonly cost?: boolean;
  readonly json?: boolean;
  readonly stateDir?: string;
}

/** How many runs the list shows without `--all`. */
export const NEWEST = 10;

export function historyOf(options: HistoryOptions): History {
  return openHistory(process.cwd(), options.stateDir);
}

/** `history` without a verb: figures if they are asked for, else the list. */
export function printHistory(options: HistoryOptions): Promise<void> {
  return options.stats === true || options.cost === true ? printFigures(options) : printList(options);
}

async function printList(options: HistoryOptions): Promise<void> {
  const history = historyOf(options);
  const newest = options.all === true ? undefined : need(history.newest(NEWEST));
  if (options.json === true) {
    const entries = newest ?? entriesOf(history.newestFirst());
    let count = 0;
    for (const entry of entries) {
      await print(`${count === 0 ? '[\n' : ',\n'}${JSON.stringify(entry)}`);
      count += 1;
    }
    await print(count === 0 ? '[]\n' : '\n]\n');
    return;
  }
  const entries = newest ?? [...entriesOf(history.newestFirst())];
  if (entries.length === 0) await print(formatEmptyHistory());
  else await print(formatHistoryList(entries, await styleFor(process.stdout)));
}

async function printFigures(options: HistoryOptions): Promise<void> {
  const history = historyOf(options);
  const statistics = options.stats === true ? statisticsOf(entriesOf(history.oldestFirst())) : undefined;
  const costs = options.cost === true ? costsOf(entriesOf(history.oldestFirst())) : undefined;
  if (options.json === true) {
    const both = statistics !== undefined && costs !== undefined;
    await print(`${JSON.stringify(both ? { statistics, costs } : (statistics ?? costs), null, 2)}\n`);
    return;
  }
  if ((statistics?.runs ?? costs?.runs) === 0) return print(formatEmptyHistory());
  const style = await styleFor(process.stdout);
  const parts = [
    ...(statistics === undefined ? [] : [formatStatistics(statistics, style)]),
    ...(costs === undefined ? [] : [formatCosts(costs, style)]),
  ];
  await print(parts.join('\n'));
}

function* entriesOf(items: Iterable<Result<RecordedEntry>>): Generator<RecordedEntry, undefined> {
  for (const item of items) yield need(item);
}

const EXIT_CODES: Readonly<Record<string, number>> = {
  'not-found': EXIT.notFound,
  'ambiguous-id': EXIT.usage,
  'invalid-date': EXIT.usage,
  'history-locked': EXIT.conflict,
};

/** The value, or the end of the command with the problem's exit code. */
export function need<T>(result: Result<T, Problem>): T {
  if (result.ok) return result.value;
  throw new CommandFailure(result.error, EXIT_CODES[result.error.code] ?? EXIT.failed);
}

/** To standard output. Waits for a slow reader, so that a large history does not pile up in memory. */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
}
