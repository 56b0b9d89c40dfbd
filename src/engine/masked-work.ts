import type { RunEventBody } from '../core/run/event.ts';
import type { StageWork } from './drive.ts';

/** Work that tells of nothing secret: whatever it says ends up in the journal, and from there in all that is shown or sent. */
export function maskedWork(work: StageWork, mask: (text: string) => string): StageWork {
  const masked = (events: readonly RunEventBody[]): readonly RunEventBody[] =>
    events.map((event) => mapText(event, mask) as RunEventBody);
  return {
    ...work,
    async perform(wanted, state, signal, report) {
      const done = await work.perform(wanted, state, signal, (events) => report(masked(events)));
      if (done.ok) return { ok: true, value: masked(done.value) };
      return { ok: false, error: { ...done.error, message: mask(done.error.message) } };
    },
  };
}

function mapText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return value.length < SHORTEST ? value : change(value);
  if (Array.isArray(value)) return value.map((each) => mapText(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapText(each, change)]));
}

/** No secret is shorter. */
const SHORTEST = 8;
