import { childEnvironment } from '../process/child-environment.ts';
import { type Detached, startDetached } from '../process/detached.ts';
import { dueAt } from './entry.ts';
import { waitingEntries } from './outbox.ts';

export interface DeliveryProcess {
  readonly stateDirectory: string;
  readonly projectRoot: string;
  /** Program and arguments that start this very program, without a command. */
  readonly selfCommand: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of the variables that hold the channels' secrets. */
  readonly variables: readonly string[];
}

/** What the deliverer hands to commands of the user, besides what every child gets. */
const HANDED_ON = ['MURMUR8_PASS_ENV', 'NODE_OPTIONS', 'TMPDIR'];

/**
 * Starts the process that delivers what is due; it goes on when this one has ended. Undefined when nothing is due.
 * It gets the secrets of the channels and what a child may have, and nothing else of this environment.
 */
export function startDelivery(process: DeliveryProcess, now: number): Detached | undefined {
  const due = waitingEntries(process.stateDirectory).some((entry) => dueAt(entry, now) <= now);
  return due ? startDetached(...deliveryCommand(process, ['--say-ready'])) : undefined;
}

/** Program, arguments and place of a delivering process. */
export function deliveryCommand(
  process: DeliveryProcess,
  options: readonly string[],
): [string, string[], { cwd: string; env: Record<string, string> }] {
  const [program, ...args] = process.selfCommand;
  const places = ['--state-dir', process.stateDirectory, '--project', process.projectRoot];
  const extra: Record<string, string> = {};
  for (const name of [...HANDED_ON, ...process.variables]) {
    const value = process.environment[name];
    if (value !== undefined) extra[name] = value;
  }
  return [
    program,
    [...args, 'notify-deliver', ...places, ...options],
    { cwd: process.projectRoot, env: childEnvironment(process.environment, extra) },
  ];
}
