import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';
import { eventsDirectory } from './ledger.ts';

/** Notes of events are kept this long, in ms: senders deliver again within days. */
const KEPT_MS = 30 * 86_400_000;

/** Removes the notes of events that were delivered more than 30 days before `now` (ms). Answers how many. */
export function pruneDeliveries(
  stateDirectory: string,
  options: { readonly now: number; readonly dryRun?: boolean },
): Result<number> {
  const directory = eventsDirectory(stateDirectory);
  try {
    const old = readdirSync(directory).filter(
      (file) =>
        /^[0-9a-f]{64}\.json/.test(file) &&
        options.now - (statSync(join(directory, file), { throwIfNoEntry: false })?.mtimeMs ?? options.now) >
          KEPT_MS,
    );
    if (options.dryRun !== true) for (const file of old) unlinkSync(join(directory, file));
    return ok(old.length);
  } catch (error) {
    return errorCode(error) === 'ENOENT'
      ? ok(0)
      : fail(fileProblem(error, directory, 'cannot remove old events'));
  }
}
