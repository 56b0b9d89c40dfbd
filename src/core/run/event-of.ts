import type { RunEvent } from './event.ts';

/** The event of one type, with its envelope. */
export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
