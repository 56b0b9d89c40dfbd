import type { AgentEvent } from './event.ts';

/** Words of our own; all others are the agent's, down to the name of a tool or a model. */
const OWN_FIELDS = new Set(['type', 'phase', 'kind', 'reason']);

/** The event with every text that may come from the agent passed through `change`, e.g. a masker. */
export function mapEventText(event: AgentEvent, change: (text: string) => string): AgentEvent {
  const entries = Object.entries(event).map(([name, value]) =>
    typeof value === 'string' && !OWN_FIELDS.has(name) ? [name, change(value)] : [name, value],
  );
  return Object.fromEntries(entries) as AgentEvent;
}
