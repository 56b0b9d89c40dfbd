import { EXIT } from '../exit-code.ts';
import { type HistoryOptions, printHistory } from '../report/history-print.ts';

/** The recorded runs: list, figures, one run, export, clear, repair. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = listOptions(argv);
  if (options !== undefined) await printHistory(options);
  else await (await import('../report/history-program.ts')).runHistoryProgram(argv);
  return EXIT.done;
}

/** The usual call carries only switches; setting up a parser for it takes longer than printing the list. */
function listOptions(argv: readonly string[]): HistoryOptions | undefined {
  if (!argv.every((word) => SWITCHES.has(word))) return undefined;
  const has = (word: string) => argv.includes(word);
  return { all: has('--all'), stats: has('--stats'), cost: has('--cost'), json: has('--json') };
}

const SWITCHES: ReadonlySet<string> = new Set(['--all', '--stats', '--cost', '--json']);
