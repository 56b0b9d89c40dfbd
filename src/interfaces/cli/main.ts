import { runCommand } from './run-command.ts';

/** Development entry: runs a command straight from its source (`tsx src/interfaces/cli/main.ts history`). */
const word = process.argv[2] ?? 'help';
const name =
  word === '--help' || word === '-h' ? 'help' : word === '--version' || word === '-V' ? 'version' : word;
const loaded: unknown = await import(`./commands/${name}.ts`);
if (typeof loaded === 'object' && loaded !== null && 'main' in loaded && typeof loaded.main === 'function') {
  const { main } = loaded;
  await runCommand(async (argv) => Number(await main(argv)), name);
}
