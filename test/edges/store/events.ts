import type { RunEventBody } from '../../../src/core/run/event.ts';
import { aChain, aPipeline, created } from '../../rig/run-builder.ts';

export const AT = '2026-01-05T09:00:00.000Z';

/** The beginning of a run. */
export const BEGINNING: RunEventBody[] = [
  created(aPipeline(aChain('one'))),
  { type: 'segment.started', previousRunId: null },
];

/** A small event that can be told from others. */
export function note(number: number): RunEventBody {
  return { type: 'notice', message: `number ${number}` };
}

/** The notes among events, by number. */
export function notesIn(events: readonly { readonly type: string }[]): number[] {
  return events.flatMap((event) =>
    event.type === 'notice' && 'message' in event ? [Number(String(event.message).slice(7))] : [],
  );
}
