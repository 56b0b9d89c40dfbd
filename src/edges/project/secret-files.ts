import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSecretFileName } from '../../core/agent/protected-files.ts';
import { dotenvSecrets, npmrcSecrets } from '../../core/agent/secret-values.ts';
import { parseDotenv } from '../../core/telemetry/dotenv.ts';
import { readTextBounded } from '../files/bounded-read.ts';

const LARGEST_FILE = 4 * 1024 * 1024;
const MOST_FILES = 50;

/** Values that stand as secrets in `.env`, `.env.*` and `.npmrc` of a directory; none where they cannot be read. */
export function secretsInFilesOf(directory: string): readonly string[] {
  const names = namesIn(directory).filter((name) => isSecretFileName(name) || name === '.npmrc');
  return names.slice(0, MOST_FILES).flatMap((name) => {
    const text = readTextBounded(join(directory, name), LARGEST_FILE);
    if (!text.ok || text.value === undefined) return [];
    return name === '.npmrc' ? npmrcSecrets(text.value) : dotenvSecrets(parseDotenv(text.value));
  });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
