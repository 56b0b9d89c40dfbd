import { randomUUID } from 'node:crypto';
import type { Clock } from '../../engine/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  id: () => randomUUID(),
};
