import { FAMILIES } from './catalogue.ts';
import { type CommandMain, runCommand } from './run-command.ts';

/** Development entry: runs a command straight from its source (`tsx src/interfaces/cli/main.ts history`). */
const word = process.argv[2] ?? 'help';
const name =
  word === '--help' || word === '-h' ? 'help' : word === '--version' || word === '-V' ? 'version' : word;
const inFamily = Object.entries(FAMILIES).some(
  ([family, { commands }]) => family === name && commands.some(([command]) => command === process.argv[3]),
);
const main = await mainOf(inFamily ? `${name}/${process.argv[3]}` : name);
await runCommand((argv) => main(inFamily ? argv.slice(1) : argv), name);

async function mainOf(command: string): Promise<CommandMain> {
  const loaded: unknown = await import(`./commands/${command}.ts`);
  if (typeof loaded !== 'object' || loaded === null || !('main' in loaded)) throw new Error('no main');
  const { main: found } = loaded;
  if (typeof found !== 'function') throw new Error('no main');
  return async (argv) => Number(await found(argv));
}
