import { setFlagsFromString } from 'node:v8';

/** The last major version of Node in which the name of the flag was seen; another one would complain. */
const LAST_KNOWN = 24;
/** Eight times as much as by itself, in bytes of bytecode that a function has run. */
const BUDGET = 1_000_000;

/**
 * For a process that starts others and otherwise waits: its own code is left unoptimised until it has run for long.
 * To optimise what a few hundred short commands need takes more time, on all cores, than it ever gives back, and the
 * memory for it makes every further start of a process slower.
 */
export function expectLittleCode(): void {
  if (Number.parseInt(process.versions.node, 10) <= LAST_KNOWN)
    setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
