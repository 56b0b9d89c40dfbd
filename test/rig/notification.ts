import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notifyConfigSchema } from '../../src/core/config/notify-config.ts';
import { type Channel, channelsOf } from '../../src/core/notify/channel.ts';
import type { Notification } from '../../src/core/notify/notification.ts';

/** A gate in front of a deployment; say what makes it special. */
export function aNotification(special: Partial<Notification> = {}): Notification {
  return {
    approvalId: 'a-1',
    executionId: 'run-1',
    pipeline: 'cd',
    stage: 'deploy-production',
    event: 'requested',
    summary: 'deployer: bring build 42 to production',
    approvers: ['ann', 'bob'],
    quorum: 2,
    deadline: '2100-01-01T00:00:00.000Z',
    requestedBy: 'carol',
    chainHead: 'c0ffee',
    approveCommand: 'npx --no-install murmur8 approval approve a-1',
    rejectCommand: 'npx --no-install murmur8 approval reject a-1 --reason "…"',
    at: '2026-11-21T10:00:00.000Z',
    ...special,
  };
}

/** Channels as a file would configure them. */
export function channels(config: Readonly<Record<string, unknown>>): readonly Channel[] {
  return channelsOf(notifyConfigSchema.parse({ channels: config }));
}

/** A signing secret of 24 bytes. */
export const SECRET = `whsec_${Buffer.alloc(24, 'murmur8').toString('base64')}`;

/** How messages ended, by id. */
export function endedIn(stateDirectory: string): Record<string, { status: string; detail: string }> {
  const directory = join(stateDirectory, 'notify-outbox', 'ended');
  return Object.fromEntries(
    readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(directory, name), 'utf8'))]),
  );
}
