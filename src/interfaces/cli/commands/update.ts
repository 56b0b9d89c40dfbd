import { type InstallReport, updateProject } from '../../../compose/blueprint.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';

/** `murmur8 update`: brings the shipped files of this project up to the installed version. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram(
    'update',
    'refresh the shipped files; what you edited stays, the new one is put beside it',
  )
    .option('--dry-run', 'say what would be done and write nothing')
    .option('--json', 'print one JSON document');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<{ dryRun?: boolean; json?: boolean }>();
  const report = updateProject(process.cwd(), options.dryRun === true);
  if (!report.ok) {
    throw new CommandFailure(
      report.error,
      report.error.code === 'not-initialised' ? EXIT.notFound : EXIT.failed,
    );
  }
  process.stdout.write(options.json ? `${JSON.stringify(report.value, null, 2)}\n` : describe(report.value));
  return EXIT.done;
}

type Row = InstallReport['files'][number];

function describe(report: InstallReport): string {
  const shown = report.files.filter((file) => file.action !== 'unchanged');
  const unchanged = report.files.length - shown.length;
  const offered = shown.filter((file) => file.action === 'offered').length;
  return [
    `murmur8 ${report.version} in ${report.directory}${report.dryRun ? ' (dry run, nothing is written)' : ''}`,
    ...shown.map((file) => describeFile(file, report.dryRun)),
    ...(unchanged > 0 ? [`${unchanged} ${unchanged === 1 ? 'file is' : 'files are'} up to date`] : []),
    ...(offered > 0 && !report.dryRun
      ? ['next: take over what you like from each .new file, then delete it']
      : []),
    '',
  ].join('\n');
}

function describeFile(file: Row, dryRun: boolean): string {
  switch (file.action) {
    case 'created':
      return `${dryRun ? 'would create' : 'created'}  ${file.path}`;
    case 'updated':
      return `${dryRun ? 'would update' : 'updated'}  ${file.path}`;
    case 'offered':
      return `kept yours  ${file.path}  (the new one ${dryRun ? 'would be' : 'is'} ${file.beside})`;
    case 'kept':
      return `kept yours  ${file.path}  (nothing newer)`;
    case 'removed':
      return `left out  ${file.path}  (you deleted it; init brings it back)`;
    case 'obsolete':
      return `obsolete  ${file.path}  (no longer shipped; delete it if you do not need it)`;
    default:
      return `${file.action}  ${file.path}`;
  }
}
