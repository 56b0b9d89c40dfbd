import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '../../core/notify/channel.ts';
import { asksForDecision, type Notification } from '../../core/notify/notification.ts';
import { waitBeforeNext } from '../../core/notify/retry-times.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { makePrivateDirectory } from '../files/atomic-write.ts';
import { type Claim, tryClaim } from '../files/claim.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';
import { type Attempt, type Delivery, failed } from './attempt.ts';
import { dueAt, type Entry } from './entry.ts';
import { endEntry, outboxDirectory, tidyOutbox, waitingEntries, writeEntry } from './outbox.ts';

/** What became of a message: told after its first attempt and at its end. */
export interface DeliveryReport {
  /** The same when a killed process tells it again. Letters, digits, `-` and `_`. */
  readonly id: string;
  readonly executionId: string;
  readonly approvalId: string;
  readonly stage: string;
  readonly event: Notification['event'];
  readonly channel: string;
  readonly status: 'sent' | 'failed';
  /** In words without secrets, with what happens next. */
  readonly detail: string;
  /** Nothing further is tried. */
  readonly final: boolean;
  /** ISO 8601. */
  readonly at: string;
}

export interface DeliveryWorld {
  readonly stateDirectory: string;
  /** As configured now. */
  readonly channels: readonly Channel[];
  readonly send: (channel: Channel, delivery: Delivery) => Promise<Attempt>;
  /** May be asked to tell the same thing twice; must not throw. */
  readonly report: (report: DeliveryReport) => void;
  /** Switches a channel off for good. */
  readonly disable: (channel: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0..1. */
  readonly random: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** The whole delivery, in ms. What is left waits for the next one. */
  readonly budgetMs: number;
  /** Called when a pass over the outbox begins. */
  readonly onStart?: () => void;
}

export interface DeliverySummary {
  readonly sent: number;
  /** Given up. */
  readonly failed: number;
  /** To be tried later. */
  readonly waiting: number;
}

/** For a retry within this time a process stays; for later ones the next process comes. */
const LONGEST_STAY_MS = 15_000;
const CLAIM = 'delivery';

/**
 * Sends what is due in the outbox. One process delivers at a time, the others leave at once: whoever holds the claim
 * looks into the outbox again after letting go of it. A process that is killed between sending and noting so has its
 * message sent again, under the same id. Channels do not wait for each other. Nothing here opens or closes a gate.
 */
export async function deliver(world: DeliveryWorld): Promise<Result<DeliverySummary>> {
  const counts = { sent: 0, failed: 0 };
  /** What could be sent but not noted: not again by this process. */
  const unmarked = new Set<string>();
  let problem: Problem | undefined;
  const deadline = world.now() + world.budgetMs;
  const locks = join(world.stateDirectory, '.notify-lock');
  try {
    while (existsSync(outboxDirectory(world.stateDirectory)) && world.now() < deadline) {
      const next = nextTime();
      if (next === undefined) break;
      if (next > world.now()) {
        const wait = next - world.now();
        if (wait > LONGEST_STAY_MS || next >= deadline) break;
        // Without the claim, so that whoever enqueues meanwhile is not held up.
        await world.pause(wait);
        continue;
      }
      makePrivateDirectory(locks);
      const attempt = tryClaim(locks, CLAIM);
      if (!attempt.held) break;
      try {
        tidyOutbox(world.stateDirectory);
        world.onStart?.();
        await pass(attempt.claim);
      } finally {
        attempt.claim.release();
      }
    }
  } catch (error) {
    return fail(fileProblem(error, outboxDirectory(world.stateDirectory), 'cannot deliver notifications'));
  }
  if (problem !== undefined) return fail(problem);
  return ok({ ...counts, waiting: waitingEntries(world.stateDirectory).length });

  function nextTime(): number | undefined {
    const times = waitingEntries(world.stateDirectory)
      .filter(({ id }) => !unmarked.has(id))
      .map((entry) => dueAt(entry, world.now()));
    return times.length === 0 ? undefined : times.reduce((first, time) => Math.min(first, time));
  }

  /** Once over everything that is due now. */
  async function pass(claim: Claim): Promise<void> {
    const due = waitingEntries(world.stateDirectory).filter(
      (entry) => !unmarked.has(entry.id) && dueAt(entry, world.now()) <= world.now(),
    );
    const names = [...new Set(due.map(({ channel }) => channel))];
    await Promise.all(
      names.map((name) =>
        inTurn(
          claim,
          due.filter(({ channel }) => channel === name),
        ),
      ),
    );
  }

  async function inTurn(claim: Claim, entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (world.now() >= deadline || !claim.stillHeld()) return;
      claim.heartbeat();
      await one(entry);
    }
  }

  async function one(entry: Entry): Promise<void> {
    const channel = world.channels.find(({ name }) => name === entry.channel);
    const obstacle = obstacleTo(entry, channel, world.now());
    if (obstacle !== undefined || channel === undefined) {
      return end(entry, 'failed', obstacle ?? '');
    }
    const attempt = await world
      .send(channel, { id: entry.id, notification: entry.notification })
      // Whatever goes wrong with one message, the others are still to be delivered.
      .catch((error: unknown) => failed(`the delivery broke off (${errorCode(error) || 'no code'})`));
    const made = { ...entry, attempts: entry.attempts + 1 };
    if (attempt.status === 'sent') return end(made, 'sent', attempt.detail);
    if (attempt.gone === true) {
      world.disable(channel.name);
      return end(made, 'failed', `${attempt.detail}; the channel is switched off`);
    }
    const wait = waitBeforeNext(made.attempts, world.random(), attempt.retryAfterMs);
    if (wait === undefined) {
      return end(made, 'failed', `${attempt.detail}; given up after ${made.attempts} attempts`);
    }
    const nextAt = new Date(world.now() + wait).toISOString();
    if (made.attempts === 1) tell(made, 'failed', `${attempt.detail}; tried again at ${nextAt}`, false);
    mark(entry, () => writeEntry(world.stateDirectory, { ...made, nextAt, lastFailure: attempt.detail }));
  }

  function end(entry: Entry, status: 'sent' | 'failed', detail: string): void {
    counts[status] += 1;
    const at = tell(entry, status, detail, true);
    mark(entry, () => endEntry(world.stateDirectory, entry, { status, detail, at }));
  }

  function tell(entry: Entry, status: 'sent' | 'failed', detail: string, final: boolean): string {
    const { executionId, approvalId, stage, event } = entry.notification;
    const at = new Date(world.now()).toISOString();
    const id = `${entry.id}-${entry.attempts}${final ? '-end' : ''}`;
    const { channel } = entry;
    world.report({ id, executionId, approvalId, stage, event, channel, status, detail, final, at });
    return at;
  }

  function mark(entry: Entry, write: () => void): void {
    try {
      write();
    } catch (error) {
      unmarked.add(entry.id);
      problem ??= fileProblem(error, outboxDirectory(world.stateDirectory), 'cannot note what was delivered');
    }
  }
}

/** Why a message is not even tried, in words; undefined when it is. */
function obstacleTo(entry: Entry, channel: Channel | undefined, now: number): string | undefined {
  if (channel === undefined) return 'there is no such channel any more';
  if (!channel.enabled) return 'the channel is switched off';
  const late = asksForDecision(entry.notification) && Date.parse(entry.notification.deadline) <= now;
  if (!late) return undefined;
  const before = entry.lastFailure === undefined ? '' : ` (last failure: ${entry.lastFailure})`;
  return `the deadline passed before it could be delivered${before}`;
}
