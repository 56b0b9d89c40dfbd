import { nearestTo } from '../../core/nearest.ts';
import { FAMILIES, type FamilyName } from './catalogue.ts';
import { EXIT } from './exit-code.ts';
import { oneLine } from './report/one-line.ts';
import { formatProblem } from './run-command.ts';

/**
 * What a word before other commands does when none of them follows: help, or what was probably meant. The commands
 * themselves are chosen before this is loaded, each from its own bundle.
 */
export async function familyMain(name: FamilyName, argv: readonly string[]): Promise<number> {
  const word = argv[0];
  if (word === undefined || word === 'help' || word === '--help' || word === '-h') {
    process.stdout.write(familyHelp(name));
    return EXIT.done;
  }
  process.stderr.write(formatProblem(slip(name, word)));
  return EXIT.usage;
}

function slip(name: FamilyName, word: string) {
  const shown = JSON.stringify(oneLine(word, 60));
  const hint = `murmur8 ${name} --help lists its commands`;
  if (word.startsWith('-')) return { code: 'usage', message: `unknown option ${shown}`, hint };
  const near = nearestTo(
    word,
    FAMILIES[name].commands.map(([command]) => command),
  );
  return {
    code: 'usage',
    message: `${name} has no command ${shown}`,
    hint: near === undefined ? hint : `did you mean murmur8 ${name} ${near}?`,
  };
}

function familyHelp(name: FamilyName): string {
  const { summary, commands } = FAMILIES[name];
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    `Usage: murmur8 ${name} <command> [options]`,
    '',
    summary,
    '',
    'Commands:',
    ...commands.map(([command, text]) => `  ${command.padEnd(width)}  ${text}`),
    '',
    'Options:',
    '  -h, --help  show this help',
    '',
    `murmur8 ${name} <command> --help says what each one takes`,
    '',
  ].join('\n');
}
