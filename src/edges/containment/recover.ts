import { sep } from 'node:path';
import type { Look } from './look.ts';
import type { Place } from './places.ts';
import type { ProtectionRecord } from './record.ts';
import { listed, ofGroup, startupMarks } from './tell.ts';
import { type Change, changesBetween, entryOf, undo } from './undo.ts';

/** A sentence for people; it gets what cleans names, and the name of the directory in which versions are kept. */
export type Sentence = (clean: (text: string) => string, kept: string) => string;

/**
 * What a run that is continued makes of the time in which no process drove it. Changes since it was given back are the
 * user's. Where its owner died while an agent was at work, nobody looked at what that left: it is put back, but for
 * the files that a person may have mended meanwhile.
 */
export function recover(
  found: ProtectionRecord,
  look: () => Look,
  places: readonly Place[],
  kept: string,
): { readonly record: ProtectionRecord; readonly notices: readonly Sentence[] } {
  const left: Look = {
    anchors: found.left.anchors,
    entries: new Map([...found.left.entries].filter(([path]) => places.some((place) => holds(place, path)))),
  };
  const notices: Sentence[] = [];
  if (found.atWork === 'agent') {
    const changes = changesBetween(left, look());
    const [personal, wrong] = divided(changes);
    const failed = new Set(undo(wrong, left, kept));
    const undone = wrong.filter((change) => !failed.has(change));
    const open = [...failed, ...personal];
    if (undone.length > 0)
      notices.push(
        (clean, place) =>
          `protected files that a cut-off attempt had changed were put back: ${listed(undone, clean)}; what was there is kept in ${place}`,
      );
    if (open.length > 0)
      notices.push(
        (clean) =>
          `protected files changed since a cut-off attempt began and were left as they are, look at them: ${listed(open, clean)}`,
      );
  }
  const now = look();
  const began = { ...found.began };
  const marks = startupMarks(now);
  const names = new Set([...Object.keys(began), ...Object.keys(marks), ...Object.keys(found.told)]);
  const leftMarks = startupMarks(ofGroup(left, 'startup'));
  for (const name of names) {
    const isTheirs = found.atWork === 'nobody' && marks[name] !== leftMarks[name];
    if (!isTheirs && found.told[name] !== (marks[name] ?? '')) continue;
    const mark = marks[name];
    if (mark === undefined) delete began[name];
    else began[name] = mark;
  }
  return { record: { ...found, began, told: {}, left: now, atWork: 'nobody' }, notices };
}

function divided(changes: readonly Change[]): readonly [readonly Change[], readonly Change[]] {
  const isPersonal = (change: Change) => ['secret', 'config'].includes(entryOf(change).group);
  return [changes.filter(isPersonal), changes.filter((change) => !isPersonal(change))];
}

/** The record lies where agents can write: nothing but protected files is put back by it. */
function holds(place: Place, path: string): boolean {
  if (path.split(sep).includes('..')) return false;
  if (place.form === 'names')
    return (
      path.startsWith(place.path + sep) && place.fits?.(path.slice(place.path.length + sep.length)) === true
    );
  return path === place.path || (place.form === 'tree' && path.startsWith(place.path + sep));
}
