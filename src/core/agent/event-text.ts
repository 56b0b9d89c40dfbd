import type { AgentEvent } from './event.ts';

/** Fields for people; all others are identifiers and words of our own. */
const TEXT_FIELDS = new Set(['text', 'message', 'subject', 'path']);

/** The event with every text field passed through `change`, e.g. a masker. */
export function mapEventText(event: AgentEvent, change: (text: string) => string): AgentEvent {
  const entries = Object.entries(event).map(([name, value]) =>
    typeof value === 'string' && TEXT_FIELDS.has(name) ? [name, change(value)] : [name, value],
  );
  return Object.fromEntries(entries) as AgentEvent;
}
