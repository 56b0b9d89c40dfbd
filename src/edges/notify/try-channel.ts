import { plainText, shorten } from '../../core/agent/plain-text.ts';
import { capture } from '../process/capture.ts';
import { type DeliveryProcess, deliveryCommand } from './start-delivery.ts';

/** What came of a test message. */
export interface TestOutcome {
  readonly channel: string;
  readonly status: 'sent' | 'failed';
  readonly detail: string;
}

const LONGEST_MS = 60_000;

/** Sends a test message in a process of its own, since what speaks to mail servers is not loaded in short commands. */
export async function tryChannel(process: DeliveryProcess, channel: string): Promise<TestOutcome> {
  const [program, args, place] = deliveryCommand(process, ['--test', channel]);
  const ended = await capture(program, args, { ...place, timeoutMs: LONGEST_MS, maxBytes: 1024 * 1024 });
  const outcome = outcomeIn(ended.stdout.toString('utf8'));
  if (outcome !== undefined) return { channel, ...outcome };
  const reason = ended.timedOut ? 'no answer in time' : shorten(plainText(ended.stderr).trim(), 300);
  return { channel, status: 'failed', detail: `the test could not be made: ${reason || 'no reason given'}` };
}

function outcomeIn(text: string): Omit<TestOutcome, 'channel'> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('status' in value) || !('detail' in value) || typeof value.detail !== 'string') return undefined;
    return value.status === 'sent' || value.status === 'failed'
      ? { status: value.status, detail: value.detail }
      : undefined;
  } catch {
    return undefined;
  }
}
