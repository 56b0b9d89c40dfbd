import { fail, ok, type Result } from '../../core/result.ts';
import { type RunEvent, runEventBodySchema, runEventSchema } from '../../core/run/event.ts';
import { JOURNAL_VERSION } from '../../core/run/journal-version.ts';

/**
 * Accepts and answers exactly what `runEventSchema` does, at half its price: that one reads every line twice and
 * merges the two readings. The error names the first thing that is wrong.
 */
export function parseEvent(value: unknown): Result<RunEvent, string> {
  const envelope = envelopeOf(value);
  const body = envelope === undefined ? undefined : runEventBodySchema.safeParse(value);
  if (envelope !== undefined && body?.success === true) return ok(Object.assign(envelope, body.data));
  const whole = runEventSchema.safeParse(value);
  if (whole.success) return ok(whole.data);
  const issue = whole.error.issues[0];
  return fail(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function envelopeOf(value: unknown): Pick<RunEvent, 'v' | 'seq' | 'epoch' | 'at' | 'runId'> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { v, seq, epoch, at, runId } = value as Readonly<Record<string, unknown>>;
  if (v !== JOURNAL_VERSION || !isWhole(seq) || !isWhole(epoch)) return undefined;
  if (typeof at !== 'string' || typeof runId !== 'string') return undefined;
  return { v, seq, epoch, at, runId };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
