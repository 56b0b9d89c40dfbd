import type { Problem } from '../../core/problem.ts';
import type { Look } from './look.ts';
import type { Group } from './places.ts';
import type { ProtectionRecord } from './record.ts';
import { type Change, entryOf } from './undo.ts';

const MOST_NAMED = 10;

/** Names of changed files, for a sentence. */
export function listed(changes: readonly Change[], clean: (text: string) => string): string {
  const names = changes.map((change) => clean(entryOf(change).shown));
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

export function ofGroup({ entries, anchors }: Look, group: Group): Look {
  return { entries: new Map([...entries].filter(([, entry]) => entry.group === group)), anchors };
}

/** Marks of the startup files by name. */
export function startupMarks({ entries }: Look): { [shown: string]: string } {
  const startup = [...entries.values()].filter(({ group }) => group === 'startup');
  return Object.fromEntries(startup.map(({ shown, mark }) => [shown, mark]));
}

/**
 * Why an agent is not started: a file that it would read at its start is not as the run began with it.
 * `told` holds the marks of what the problem names.
 */
export function refusal(
  known: ProtectionRecord,
  found: Look,
  reads: (path: string) => boolean,
  clean: (text: string) => string,
): { readonly problem: Problem; readonly told: { readonly [shown: string]: string } } | undefined {
  const marks = startupMarks(found);
  const names = [...new Set([...Object.keys(known.began), ...Object.keys(marks)])]
    .filter((name) => known.began[name] !== marks[name] && reads(name))
    .sort();
  if (names.length === 0) return undefined;
  const told = Object.fromEntries(names.map((name) => [name, marks[name] ?? '']));
  const sentences = names.slice(0, MOST_NAMED).map((name) => {
    const how = marks[name] === undefined ? 'removed' : known.began[name] === undefined ? 'added' : 'changed';
    const who = known.changedBy[name];
    return `${clean(name)} was ${how}${who === undefined ? '' : ` by ${who}`}`;
  });
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : '';
  return {
    told,
    problem: {
      code: 'startup-files-changed',
      message: `the agent was not started: since the run began, ${sentences.join(', ')}${more}, where it may take code and rights from`,
      hint: 'remove it or put it back if it is not yours; to continue the run is to take it as it then is',
    },
  };
}
