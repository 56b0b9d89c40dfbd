import { join } from 'node:path';
import { secretValues } from '../core/agent/mask.ts';
import { readDotenv } from '../edges/telemetry/load-config.ts';

/** Values that must never be written anywhere: secret-looking variables of this process and of the project's `.env`. */
export function projectSecrets(mainRoot: string): readonly string[] {
  const dotenv = Object.fromEntries(readDotenv(join(mainRoot, '.env')));
  return [...new Set([...secretValues(process.env), ...secretValues(dotenv)])];
}
