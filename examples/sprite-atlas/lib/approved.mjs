import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from './image.mjs';
import { placesIn } from './order.mjs';

/** Name of the animation, and of the files of its atlas. */
export const ANIMATION = 'blaze_idle';

/** The frames of this run that the audit approved, by file name, with the image of each. */
export function approvedFrames(env) {
  const { approved } = placesIn(env);
  const names = readdirSync(approved).filter((name) => name.endsWith('.png'));
  return names.sort().map((name) => ({ name, image: readImage(join(approved, name)) }));
}

/** Where the atlas goes: murmur8 makes the directory and names it. */
export function exportPlace(env) {
  const directory = env.MURMUR8_EXPORT ?? '';
  if (directory === '') throw new Error('MURMUR8_EXPORT has to name the directory of the atlas');
  return { picture: join(directory, `${ANIMATION}.png`), sheet: join(directory, `${ANIMATION}.json`) };
}
