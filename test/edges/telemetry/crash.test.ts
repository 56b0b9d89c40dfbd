import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runIdOf } from '../../../src/core/telemetry/queue.ts';
import { deliver } from '../../../src/edges/telemetry/deliver.ts';
import { enqueueFailure, readQueue } from '../../../src/edges/telemetry/failed-queue.ts';
import { listOutbox, readFromOutbox, writeToOutbox } from '../../../src/edges/telemetry/outbox.ts';
import { answer, startReceiver } from '../../rig/receiver.ts';
import { aProject, aRun, bundle, runNode } from '../../rig/receiver-run.ts';

const PRELOAD = join(import.meta.dirname, '../../rig/receiver-crash.cjs');
let program = '';

beforeAll(() => {
  program = bundle(`
    import { deliver } from './src/edges/telemetry/deliver.ts';
    import { enqueueFailure } from './src/edges/telemetry/failed-queue.ts';
    import { writeToOutbox } from './src/edges/telemetry/outbox.ts';
    const [what, argument] = process.argv.slice(2);
    const input = JSON.parse(argument);
    if (what === 'enqueue') enqueueFailure(input.payload, input.queue);
    if (what === 'outbox') writeToOutbox(input.outbox, input.run);
    if (what === 'deliver') void deliver({ ...input, withQueue: true });
  `);
});

/** Runs it once for every change of the file system it makes, killed right before that change; `check` looks after each. */
async function killedAtEveryChange(
  arrange: () => Promise<{ what: string; input: object; check: () => Promise<void> | void }>,
): Promise<number> {
  for (let change = 1; ; change += 1) {
    const { what, input, check } = await arrange();
    const { ended } = runNode(['--require', PRELOAD, program, what, JSON.stringify(input)], {
      MURMUR8_TEST_KILL_AT: String(change),
    });
    const { signal, code, stderr } = await ended;
    expect([stderr, signal ?? code]).toEqual(['', signal === null ? 0 : 'SIGKILL']);
    await check();
    if (signal === null) return change - 1;
  }
}

const ids = (queue: readonly unknown[] | undefined): (string | undefined)[] => (queue ?? []).map(runIdOf);

describe('killed at any of its writes', () => {
  test('a process that queues a payload loses none that was queued before, and the next one can queue', async () => {
    const changes = await killedAtEveryChange(async () => {
      const { queue } = aProject();
      enqueueFailure({ runId: 'before' }, queue);
      return {
        what: 'enqueue',
        input: { queue, payload: { runId: 'killed' } },
        check: () => {
          expect([['before'], ['before', 'killed']]).toContainEqual(
            ids(JSON.parse(readFileSync(queue, 'utf8'))),
          );
          expect(enqueueFailure({ runId: 'after' }, queue)).toBe(true);
          expect(ids(readQueue(queue)).filter((id) => id !== 'killed')).toEqual(['before', 'after']);
        },
      };
    });
    expect(changes).toBeGreaterThan(5);
  });

  test('a process that writes to the outbox leaves the whole run or none', async () => {
    const changes = await killedAtEveryChange(async () => {
      const { outbox } = aProject();
      const run = aRun();
      return {
        what: 'outbox',
        input: { outbox, run },
        check: () => {
          for (const path of listOutbox(outbox)) expect(readFromOutbox(path)).toEqual(run);
        },
      };
    });
    expect(changes).toBeGreaterThan(3);
  });

  test('a deliverer whose endpoint accepts: the next one leaves nothing unsent and nothing behind', async () => {
    const receiver = await startReceiver();
    const config = { url: receiver.url, key: null };
    const changes = await killedAtEveryChange(async () => {
      const project = aProject();
      const [fresh, queued] = [crypto.randomUUID(), crypto.randomUUID()];
      writeToOutbox(project.outbox, aRun({ runId: fresh }));
      enqueueFailure({ runId: queued }, project.queue);
      const input = { stateDir: project.stateDir, config };
      return {
        what: 'deliver',
        input,
        check: async () => {
          await deliver({ ...input, withQueue: true });
          expect(receiver.runIds()).toEqual(expect.arrayContaining([fresh, queued]));
          expect([listOutbox(project.outbox), readQueue(project.queue)]).toEqual([[], []]);
        },
      };
    });
    await receiver.close();
    expect(changes).toBeGreaterThan(10);
  });

  test('a deliverer whose endpoint refuses: the run ends up in the queue, once', async () => {
    const receiver = await startReceiver({ behaviour: answer(500) });
    const config = { url: receiver.url, key: null };
    await killedAtEveryChange(async () => {
      const project = aProject();
      writeToOutbox(project.outbox, aRun({ runId: 'fresh' }));
      const input = { stateDir: project.stateDir, config };
      return {
        what: 'deliver',
        input,
        check: async () => {
          const kept = [...ids(readQueue(project.queue)), ...listOutbox(project.outbox)];
          expect(kept.length).toBeGreaterThanOrEqual(1);
          await deliver({ ...input, withQueue: true });
          expect(ids(readQueue(project.queue))).toEqual(['fresh']);
          expect(listOutbox(project.outbox)).toEqual([]);
          expect(readdirSync(project.stateDir).some((name) => name.includes('corrupt'))).toBe(false);
        },
      };
    });
    await receiver.close();
  });
});
