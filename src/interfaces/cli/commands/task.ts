import { familyMain } from '../family.ts';

/** `task` without one of its commands: help, or the command that was probably meant. */
export function main(argv: readonly string[]): Promise<number> {
  return familyMain('task', argv);
}
