import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { frameList } from './options.mjs';

/**
 * Keeps an attempt that `list` names (frame:attempt, the first one where no attempt is said) at work until there is a
 * file `go`, so that somebody can look at the run meanwhile.
 */
export async function hold(list, option, { frame, attempt }) {
  if (frameList(list, option, 1).get(frame) !== attempt) return;
  while (!existsSync('go')) await pause(20);
}
