import { beforeAll, expect, test } from 'vitest';
import { countChanges, failAndContinue, killAndContinue, spread } from '../rig/killed-run.ts';

// A sample; test/full takes every point.
let changes = 0;
beforeAll(async () => {
  changes = await countChanges();
});

test('a run that is killed at a change of a file ends well with the same command, recorded once', async () => {
  expect(changes).toBeGreaterThan(100);
  for (const point of spread(changes, 12)) await killAndContinue(point);
}, 180_000);

test('a disk that is full from some write on: a clear error that names the place, and the run can go on', async () => {
  for (const point of spread(changes, 6)) await failAndContinue('ENOSPC', point);
}, 120_000);

test('one write that fails with EIO: the run ends as it would, or with a clear error, and can go on', async () => {
  for (const point of spread(changes, 5)) await failAndContinue('EIO', point, 1);
}, 120_000);
