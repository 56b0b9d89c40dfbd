import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The nearest directory, from here upwards, that holds a `.blueprint/`. */
export function findProjectRoot(from: string): string | undefined {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const found = statSync(join(directory, '.blueprint'), { throwIfNoEntry: false });
    if (found?.isDirectory()) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}
