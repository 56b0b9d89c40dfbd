import {
  deliverNotifications,
  findProjectRoot,
  reportToRun,
  sayReady,
  sendTestNotification,
  stateDirectoryOf,
} from '../../../compose/notify-delivery.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';

interface Options {
  readonly stateDir?: string;
  readonly project?: string;
  readonly test?: string;
  readonly sayReady?: boolean;
}

/** Past its own budget a delivery has hung in a way nobody thought of; it must not stay for ever. */
const LONGEST_LIFE_MS = 180_000;

/**
 * Hidden: started as a detached process by whatever has enqueued notifications, and by `notify-config test`. It may
 * also be run from cron to make later retries. Prints what it did as JSON.
 */
export async function main(argv: readonly string[]): Promise<number> {
  setTimeout(() => process.exit(EXIT.failed), LONGEST_LIFE_MS).unref();
  const program = newProgram('notify-deliver', 'send the notifications that are due')
    .option('--state-dir <directory>', 'where state is kept (default: .claude, or MURMUR8_STATE_DIR)')
    .option('--project <directory>', 'where .env lies and commands run (default: the project)')
    .option('--test <channel>', 'send a test message through this channel instead')
    .option('--say-ready', 'tell the process that started this one when sending begins');
  program.parse([...argv], { from: 'user' });
  const options = program.opts<Options>();
  const stateDirectory = stateDirectoryOf(process.cwd(), options.stateDir);
  // A state directory that was named may belong to another project than the one around here.
  const projectRoot =
    options.project ?? (options.stateDir === undefined ? findProjectRoot(process.cwd()) : undefined);
  const result =
    options.test === undefined
      ? await deliverNotifications(stateDirectory, process.env, reportToRun(stateDirectory), {
          ...(projectRoot === undefined ? {} : { projectRoot }),
          ...(options.sayReady === true ? { onStart: sayReady } : {}),
        })
      : await sendTestNotification(stateDirectory, process.env, options.test, projectRoot);
  if (!result.ok) {
    throw new CommandFailure(result.error, result.error.code === 'not-found' ? EXIT.notFound : EXIT.failed);
  }
  process.stdout.write(`${JSON.stringify(result.value)}\n`);
  return EXIT.done;
}
