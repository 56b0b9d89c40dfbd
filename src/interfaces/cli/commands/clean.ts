import { InvalidArgumentError } from 'commander';
import { clean } from '../../../compose/clean.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { oneLine } from '../report/one-line.ts';
import { CommandFailure } from '../run-command.ts';
import { exitFor } from '../run-session.ts';

const DEFAULT_DAYS = 30;

/** `clean`: removes what runs that are over left behind; never work that is not merged, never history. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('clean', 'remove what finished runs left behind; history stays')
    .option('--older-than <days>', `runs that ended longer ago (default ${DEFAULT_DAYS})`, days, DEFAULT_DAYS)
    .option('--dry-run', 'only say what would go')
    .option('--json', 'print one JSON document')
    .option('--state-dir <directory>', 'look for state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  const { olderThan, dryRun, json, stateDir } = program.opts<{
    olderThan: number;
    dryRun?: boolean;
    json?: boolean;
    stateDir?: string;
  }>();
  const cleaned = await clean({
    cwd: process.cwd(),
    stateDirectory: stateDir,
    olderThanDays: olderThan,
    dryRun: dryRun === true,
  });
  if (!cleaned.ok) throw new CommandFailure(cleaned.error, exitFor(cleaned.error));
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ dryRun: dryRun === true, ...cleaned.value }, null, 2)}\n`);
    return EXIT.done;
  }
  const { runs, checkpoints, worktrees } = cleaned.value;
  process.stdout.write(
    `${dryRun === true ? 'would remove' : 'removed'} ${runs.length} runs${dryRun === true ? '' : ` and ${checkpoints} checkpoints`}\n`,
  );
  for (const { slug, removed, reason } of worktrees) {
    process.stdout.write(
      `worktree of ${slug}: ${removed ? 'removed' : `kept, ${oneLine(reason ?? '', 200)}`}\n`,
    );
  }
  return EXIT.done;
}

function days(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('it takes a number of days');
  return Number(text);
}
