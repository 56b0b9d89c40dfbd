import { expect, test } from 'vitest';
import { createFeatureWork } from '../../../src/engine/feature/feature-work.ts';
import { aState, aWorld, type FakeWorld } from './feature-world.ts';

const RATING = { rating: 4, issues: [], recommendation: 'proceed' };

function rated(world: FakeWorld) {
  const settings = { runner: 'first', fallbackRunners: ['second'] };
  const work = { kind: 'review', stage: 'cass', about: 'alex' } as const;
  return createFeatureWork(world).perform(
    work,
    aState([], { settings }),
    new AbortController().signal,
    () => {},
  );
}

test('a rating is made by the next runner where the first has no quota', async () => {
  const world = aWorld();
  world.answer = RATING;
  world.agent = () => ({ outcome: world.orders.length === 1 ? 'quota' : 'ok' });
  const done = await rated(world);
  expect(done.ok && done.value).toMatchObject([{ type: 'feedback.given', rating: 4 }]);
  expect(world.orders.map(({ logFile }) => logFile)).toEqual([
    '/logs/cass/review-alex',
    '/logs/cass/review-alex-2',
  ]);
});

test('a rating is missing, and not made again, where its runner crashed or none has quota', async () => {
  const world = aWorld();
  world.agent = () => ({ outcome: 'crashed', message: 'exit code 1' });
  const crashed = await rated(world);
  expect(crashed.ok && crashed.value).toMatchObject([{ type: 'feedback.missing', reason: 'exit code 1' }]);
  expect(world.orders).toHaveLength(1);
  world.agent = () => ({ outcome: 'quota', message: 'used up' });
  const none = await rated(world);
  expect(none.ok && none.value).toMatchObject([{ type: 'feedback.missing', reason: 'used up' }]);
  expect(world.orders).toHaveLength(3);
});

test('a rating that was paid for is not made a second time', async () => {
  const world = aWorld();
  world.agent = () => ({ outcome: 'overloaded', usage: { input: 10, output: 1 } });
  const done = await rated(world);
  expect(done.ok && done.value).toMatchObject([{ type: 'feedback.missing', usage: { input: 10 } }]);
  expect(world.orders).toHaveLength(1);
});
