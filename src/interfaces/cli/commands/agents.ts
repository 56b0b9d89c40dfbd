import { familyMain } from '../family.ts';

/** `agents` before anything but one of its commands: help, or the command that was probably meant. */
export function main(argv: readonly string[]): Promise<number> {
  return familyMain('agents', argv);
}
