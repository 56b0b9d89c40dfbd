import { vi } from 'vitest';

const LONGEST_MS = 60_000;

/** Waits for something that a process brings about; what `look` throws at the end is what was wrong. */
export function until<T>(look: () => T | Promise<T>, { timeout = LONGEST_MS } = {}): Promise<T> {
  return vi.waitFor(look, { timeout, interval: 25 });
}
