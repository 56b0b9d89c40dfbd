import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Living processes that have anything to do with a directory: they work below it, or name it in their arguments or
 * their environment. Read without any code under test; one line for each, for messages.
 */
export function processesAbout(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = textOf(pid, 'cmdline');
      const places = [workingDirectoryOf(pid), command, textOf(pid, 'environ')];
      return !isZombie(pid) && places.some((place) => place.includes(directory))
        ? [`${pid}: ${command.replaceAll('\0', ' ')}`]
        : [];
    });
}

function isZombie(pid: string): boolean {
  const stat = textOf(pid, 'stat');
  return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

function workingDirectoryOf(pid: string): string {
  try {
    return readlinkSync(join('/proc', pid, 'cwd'));
  } catch {
    return '';
  }
}

function textOf(pid: string, file: string): string {
  try {
    return readFileSync(join('/proc', pid, file), 'latin1');
  } catch {
    return '';
  }
}
