import { type InstallReport, initialiseProject } from '../../../compose/blueprint.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';

/** `murmur8 init`: sets up the project in the current directory. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram(
    'init',
    'set up this directory: agents, prompts, templates, pipelines and the chat skill',
  )
    .option('--dry-run', 'say what would be done and write nothing')
    .option('--json', 'print one JSON document');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<{ dryRun?: boolean; json?: boolean }>();
  const report = initialiseProject(process.cwd(), options.dryRun === true);
  if (!report.ok) throw new CommandFailure(report.error, EXIT.failed);
  process.stdout.write(options.json ? `${JSON.stringify(report.value, null, 2)}\n` : describe(report.value));
  return EXIT.done;
}

function describe(report: InstallReport): string {
  const lines = report.files
    .filter((file) => file.action !== 'unchanged')
    .map((file) => `${(report.dryRun ? WOULD : DID)[file.action] ?? file.action}  ${file.path}`);
  const count = (action: string) => report.files.filter((file) => file.action === action).length;
  const unchanged = count('unchanged');
  return [
    `murmur8 ${report.version} in ${report.directory}${report.dryRun ? ' (dry run, nothing is written)' : ''}`,
    ...lines,
    ...(unchanged > 0 ? [`${unchanged} ${unchanged === 1 ? 'file is' : 'files are'} there already`] : []),
    ...(count('outdated') > 0 ? ['npx --no-install murmur8 update refreshes what is outdated'] : []),
    ...(report.dryRun ? [] : ['next: npx --no-install murmur8 validate']),
    '',
  ].join('\n');
}

const DID: Readonly<Record<string, string>> = {
  created: 'created  ',
  kept: 'kept yours',
  outdated: 'outdated ',
  obsolete: 'obsolete ',
};

const WOULD: Readonly<Record<string, string>> = {
  created: 'would create   ',
  appended: 'would append to',
  kept: 'would keep yours',
  outdated: 'is outdated    ',
  obsolete: 'is obsolete    ',
};
