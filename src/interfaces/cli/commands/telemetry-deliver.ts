import { parseArgs } from 'node:util';
import { deliverWaiting, sayReady } from '../../../compose/telemetry.ts';
import { EXIT } from '../exit-code.ts';

/** Past its own budget a delivery has hung in a way nobody thought of; it must not stay for ever. */
const LONGEST_LIFE_MS = 180_000;

/**
 * Hidden: started by a run as a detached process, to deliver its telemetry after it. Says nothing and always ends
 * with success, since nobody could act upon anything else.
 */
export async function main(argv: readonly string[]): Promise<number> {
  setTimeout(() => process.exit(EXIT.done), LONGEST_LIFE_MS).unref();
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        'state-dir': { type: 'string' },
        dotenv: { type: 'string' },
        'with-queue': { type: 'boolean' },
        'say-ready': { type: 'boolean' },
      },
    });
    if (values['state-dir'] === undefined || values.dotenv === undefined) return EXIT.done;
    await deliverWaiting({
      stateDir: values['state-dir'],
      dotenvPath: values.dotenv,
      withQueue: values['with-queue'] === true,
      ...(values['say-ready'] === true ? { onRequest: sayReady } : {}),
    });
  } catch {
    // Silent by contract.
  }
  return EXIT.done;
}
