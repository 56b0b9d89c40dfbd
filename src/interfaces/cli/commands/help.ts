import { CATALOGUE } from '../catalogue.ts';
import { EXIT } from '../exit-code.ts';

/** Root help; also what an unknown command gets, then on standard error and with exit code 2. */
export async function main(): Promise<number> {
  const word = process.argv[2];
  const asked = word === undefined || word === 'help' || word === '--help' || word === '-h';
  const names = CATALOGUE.flatMap((group) => group.commands.map(([name]) => name));
  if (asked) {
    process.stdout.write(helpText());
    return EXIT.done;
  }
  const near = names.filter((name) => name.startsWith(word.slice(0, 3)) || name.includes(word)).slice(0, 3);
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : 'murmur8 --help lists all commands';
  process.stderr.write(`murmur8: there is no command ${JSON.stringify(word.slice(0, 60))}\nhint: ${hint}\n`);
  return EXIT.usage;
}

function helpText(): string {
  const lines = [
    'Usage: murmur8 <command> [options]',
    '',
    'Runs coding agents in staged pipelines: specification, stories, tests, plan, code.',
    '',
  ];
  for (const { group, commands } of CATALOGUE) {
    lines.push(`${group}:`);
    for (const [name, summary] of commands) lines.push(`  ${name.padEnd(20)}${summary}`);
    lines.push('');
  }
  lines.push(
    'murmur8 <command> --help tells what a command takes.',
    'Exit codes: 0 done, 1 failed, 2 bad usage, 3 waits for a person, 4 stopped by a limit,',
    '5 rejected, 6 not found, 7 conflict, 130/143 interrupted.',
    '',
  );
  return lines.join('\n');
}
