import { describe, expect, test } from 'vitest';
import { type RunEvent, runEventSchema } from '../../../src/core/run/event.ts';
import { parseEvent } from '../../../src/edges/store/parse-event.ts';
import { envelopes } from '../../rig/run-builder.ts';
import { BEGINNING, note } from './events.ts';

const EVENTS: RunEvent[] = envelopes([
  ...BEGINNING,
  note(1),
  { type: 'stage.finished', stage: 'one', status: 'succeeded' },
  { type: 'attempt.generated', stage: 'one', frame: 0, attempt: 1, outcome: 'ok', exitCode: 0 },
]);

/** Every event with one field left out, or with a value in it that may be wrong. */
function damaged(): unknown[] {
  const values = [undefined, null, -1, 1.5, 2 ** 60, Number.NaN, '', 'x', [], {}, true];
  return EVENTS.flatMap((event) =>
    Object.keys(event).flatMap((key) => [
      ...values.map((value) => ({ ...event, [key]: value })),
      Object.fromEntries(Object.entries(event).filter(([name]) => name !== key)),
    ]),
  );
}

describe('an event as it is read', () => {
  test('is accepted, refused and answered as the schema of all events does', () => {
    const samples = [
      ...EVENTS,
      ...EVENTS.map((event) => ({ ...event, unknown: 1, envelope: { seq: 2 } })),
      ...damaged(),
      ...[null, 7, 'text', [], {}, Object.create(null)],
    ];
    for (const sample of samples) {
      const whole = runEventSchema.safeParse(sample);
      const parsed = parseEvent(sample);
      expect(parsed.ok, JSON.stringify(sample)).toBe(whole.success);
      if (parsed.ok) expect(parsed.value).toEqual(whole.data);
    }
  });

  test('says what is wrong with it', () => {
    expect(parseEvent({ ...EVENTS[0], seq: 'first' })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^seq /),
    });
    expect(parseEvent({ ...EVENTS[3], status: 'well' })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^status /),
    });
  });
});
