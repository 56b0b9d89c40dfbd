import { Command } from 'commander';
import { plainText } from '../../core/agent/plain-text.ts';

/** A commander program for one command: errors end with exit code 2 and say where help is. */
export function newProgram(name: string, summary: string): Command {
  return new Command(`murmur8 ${name}`)
    .description(summary)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(plainText(text).replace(/^error: /, 'murmur8: ')),
    })
    .showHelpAfterError(`hint: murmur8 ${name} --help lists what it takes`)
    .helpOption('-h, --help', 'show this help');
}
