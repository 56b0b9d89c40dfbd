import type { RunEventBody } from '../core/run/event.ts';
import type { StageWork } from './drive.ts';

/** How secrets are hidden. */
export interface Masks {
  /** In text for people. */
  readonly text: (text: string) => string;
  /** In what has a meaning for the run as well, such as a name or a path: only what can be nothing but a secret. */
  readonly value: (value: string) => string;
}

/** Work that tells of nothing secret: whatever it says ends up in the journal, and from there in all that is shown or sent. */
export function maskedWork(work: StageWork, masks: Masks): StageWork {
  const masked = (events: readonly RunEventBody[]): readonly RunEventBody[] =>
    events.map((event) => mapped(event, '', masks) as RunEventBody);
  return {
    ...work,
    async perform(wanted, state, signal, report) {
      const done = await work.perform(wanted, state, signal, (events) => report(masked(events)));
      if (done.ok) return { ok: true, value: masked(done.value) };
      return { ok: false, error: { ...done.error, message: masks.text(done.error.message) } };
    },
  };
}

const FOR_PEOPLE = new Set([
  ...['message', 'findings', 'question', 'issues', 'reason', 'comment', 'detail', 'pendingTests'],
  ...['model', 'agentVersion'],
]);

/** `name`: of the field that holds the value, or the list in which it stands. */
function mapped(value: unknown, name: string, masks: Masks): unknown {
  if (typeof value === 'string')
    return value.length < SHORTEST ? value : FOR_PEOPLE.has(name) ? masks.text(value) : masks.value(value);
  if (Array.isArray(value)) return value.map((each) => mapped(each, name, masks));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each, key, masks)]));
}

/** No secret is shorter. */
const SHORTEST = 8;
