import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this program is asked to do, as murmur8 tells every command in its environment. By hand only the item is needed. */
export function orderIn(env) {
  const item = env.MURMUR8_ITEM ?? '';
  if (!/^[A-Za-z0-9_-]+$/.test(item)) throw new Error('MURMUR8_ITEM has to be the name of a frame');
  return {
    item,
    /** From one, as people count. */
    frame: Number(env.MURMUR8_FRAME ?? '0') + 1,
    /** From one. */
    attempt: Number(env.MURMUR8_ATTEMPT_NUMBER ?? '1'),
    strategy: env.MURMUR8_STRATEGY ?? '',
  };
}

/** Where the frames of one run are: all that were drawn, and the approved ones. Made if they are not there. */
export function placesIn(env) {
  const base = join('work', env.MURMUR8_RUN_ID ?? 'by-hand');
  const places = { drawn: join(base, 'drawn'), approved: join(base, 'approved') };
  for (const directory of Object.values(places)) mkdirSync(directory, { recursive: true });
  return places;
}

/** Leaves a typed answer for murmur8: a verdict with findings, or a failure with its reason code. */
export function answer(env, document) {
  if (env.MURMUR8_ANSWER) writeFileSync(env.MURMUR8_ANSWER, JSON.stringify(document));
}
