import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { enqueueFailure, readQueue, retryQueue } from '../../../src/edges/telemetry/failed-queue.ts';
import { freshDirectory } from '../../rig/receiver-run.ts';

function queueWith(...payloads: unknown[]): string {
  const path = join(freshDirectory(), 'telemetry-failed.json');
  if (payloads.length > 0) writeFileSync(path, JSON.stringify(payloads));
  return path;
}
const content = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const run = (runId: string): { runId: string } => ({ runId });

describe('story failed-queue-retry', () => {
  test('AC-1: a payload is appended, also where there is no directory yet', () => {
    const path = join(freshDirectory(), 'a', 'telemetry-failed.json');
    expect(enqueueFailure(run('a'), path)).toBe(true);
    enqueueFailure(run('b'), path);
    expect(content(path)).toEqual([run('a'), run('b')]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('AC-1: where nothing can be written it says so by its answer alone', () => {
    const file = join(freshDirectory(), 'file');
    writeFileSync(file, '');
    expect(enqueueFailure(run('a'), join(file, 'telemetry-failed.json'))).toBe(false);
  });

  test('AC-2: every queued payload is tried, oldest first', async () => {
    const tried: unknown[] = [];
    await retryQueue(queueWith(run('a'), run('b')), (payload) => {
      tried.push(payload);
      return false;
    });
    expect(tried).toEqual([run('a'), run('b')]);
  });

  test('AC-3: what is accepted is removed, the rest stays', async () => {
    const path = queueWith(run('a'), run('b'), run('c'));
    const outcome = await retryQueue(path, (payload) => JSON.stringify(payload).includes('b'));
    expect(content(path)).toEqual([run('a'), run('c')]);
    expect(outcome).toEqual({ sent: 1, kept: 2, busy: false });
  });

  test('AC-4: when all are accepted the file ends as an empty list', async () => {
    const path = queueWith(run('a'), { noId: 1 }, run('b'));
    await retryQueue(path, async () => true);
    expect(readFileSync(path, 'utf8')).toBe('[]');
  });

  test.each([
    ['answers false', () => false],
    ['answers nothing', () => undefined],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['resolves to false', async () => false],
    ['resolves to a failed result', async () => ({ ok: false, status: 500 })],
  ])('AC-5: the payload stays when the sender %s', async (_title, sendFn) => {
    const path = queueWith(run('a'), run('b'));
    await retryQueue(path, sendFn);
    expect(content(path)).toEqual([run('a'), run('b')]);
  });

  test('AC-6: the 51st payload drives the oldest out', () => {
    const path = queueWith(...Array.from({ length: 50 }, (_, index) => run(`old-${index}`)));
    enqueueFailure(run('new'), path);
    const queue = content(path) as { runId: string }[];
    expect(queue).toHaveLength(50);
    expect([queue[0]?.runId, queue[49]?.runId]).toEqual(['old-1', 'new']);
  });
});

test('a run that waits already is not queued twice: its newest payload counts', () => {
  const path = queueWith({ runId: 'a', n: 1 }, run('b'));
  enqueueFailure({ runId: 'a', n: 2 }, path);
  expect(content(path)).toEqual([run('b'), { runId: 'a', n: 2 }]);
});

test('payloads without an id are all kept', () => {
  const path = queueWith();
  enqueueFailure({ n: 1 }, path);
  enqueueFailure({ n: 1 }, path);
  expect(content(path)).toEqual([{ n: 1 }, { n: 1 }]);
});

test.each([['{"a":'], ['{}'], ['']])('a corrupt file (%j) is set aside whole, not deleted', (text) => {
  const path = queueWith();
  writeFileSync(path, text);
  enqueueFailure(run('a'), path);
  expect(content(path)).toEqual([run('a')]);
  const directory = join(path, '..');
  const aside = readdirSync(directory).filter((name) => /^telemetry-failed\.json\.corrupt-/.test(name));
  expect(aside.map((name) => readFileSync(join(directory, name), 'utf8'))).toEqual([text]);
});

test('a retry sets a corrupt file aside too, and sends nothing', async () => {
  const path = queueWith();
  writeFileSync(path, 'not json');
  let calls = 0;
  await retryQueue(path, () => {
    calls += 1;
    return true;
  });
  expect(calls).toBe(0);
  expect(readdirSync(join(path, '..')).some((name) => name.includes('.corrupt-'))).toBe(true);
});

test('a directory in the place of the file is an answer, not an exception', async () => {
  const path = queueWith();
  mkdirSync(path);
  expect(enqueueFailure(run('a'), path)).toBe(false);
  expect(readQueue(path)).toBeUndefined();
  await expect(retryQueue(path, () => true)).resolves.toMatchObject({ sent: 0 });
});

test('a retry without a queue leaves no file behind', async () => {
  const path = queueWith();
  await retryQueue(path, () => true);
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('with a synchronous sender all is done when the call returns', () => {
  const path = queueWith(run('a'));
  void retryQueue(path, () => true);
  expect(content(path)).toEqual([]);
});

test('a payload that is queued while others are retried stays', async () => {
  const path = queueWith(run('a'));
  await retryQueue(path, () => enqueueFailure(run('b'), path));
  expect(content(path)).toEqual([run('b')]);
});

test('while one retries, another leaves at once and sends nothing', async () => {
  const path = queueWith(run('a'), run('b'));
  let release = (_accepted: boolean): void => {};
  const held = new Promise<boolean>((resolve) => {
    release = resolve;
  });
  const sent: unknown[] = [];
  const first = retryQueue(path, (payload) => {
    sent.push(payload);
    return held;
  });
  expect(await retryQueue(path, () => expect.unreachable())).toEqual({ sent: 0, kept: 0, busy: true });
  release(true);
  await first;
  expect(sent).toEqual([run('a'), run('b')]);
  expect(content(path)).toEqual([]);
});
