import type { RepairOutcome } from '../../../compose/history.ts';
import { formatCount } from './money.ts';
import { harmless } from './style.ts';

const MOST_LISTED = 10;

/** What `history repair` did. */
export function formatRepair(outcome: RepairOutcome, file: string): string {
  if (outcome.kind === 'no-file') return 'There is no history file to repair.\n';
  if (outcome.kind === 'sound') return `Nothing to repair: ${runs(outcome.entries)}, all whole.\n`;
  const listed = outcome.lost.slice(0, MOST_LISTED).map(({ from, to }) => `  bytes ${from} to ${to}\n`);
  const more = outcome.lost.length - listed.length;
  return [
    `Saved ${runs(outcome.entries)} in ${harmless(file)}\n`,
    `The damaged file is kept as ${harmless(outcome.damagedFile)}\n`,
    outcome.lost.length === 0
      ? ''
      : `It holds ${outcome.lost.length} part(s) that belong to no whole entry:\n`,
    ...listed,
    more > 0 ? `  and ${more} more\n` : '',
  ].join('');
}

function runs(count: number): string {
  return count === 1 ? '1 run' : `${formatCount(count)} runs`;
}
