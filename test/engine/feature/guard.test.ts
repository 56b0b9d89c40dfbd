import { describe, expect, test } from 'vitest';
import { putRight } from '../../../src/engine/feature/guard.ts';
import { aState, aWorld, type FakeWorld, FEATURE_ID, SLUG } from './feature-world.ts';

const SPECIFICATION = `.blueprint/features/feature_${SLUG}/FEATURE_SPEC.md`;

/** What the guard says and leaves after an agent did its work. */
async function afterAgent(stage: string, agent: (world: FakeWorld) => void) {
  const world = aWorld();
  const state = aState();
  world.contents.set(SPECIFICATION, `---\nfeatureId: ${FEATURE_ID}\n---\n\n# Greeting\n`);
  const before = await world.repository.checkpoint('before', '');
  if (!before.ok) throw new Error(before.error.message);
  agent(world);
  const notices = await putRight(world, state, { stage, name: `${stage}/0-1`, before: before.value });
  if (!notices.ok) throw new Error(notices.error.message);
  return { world, notices: notices.value };
}

describe('after an agent', () => {
  test.each([
    ['alex', 'src/early.js'],
    ['cass', SPECIFICATION],
    ['nigel', 'src/greeting.js'],
    ['codey-plan', 'src/greeting.js'],
    ['codey-implement', SPECIFICATION],
    ['review', 'notes.md'],
  ])('a change of %s at %s is undone, and kept in a checkpoint of its own', async (stage, path) => {
    const { world, notices } = await afterAgent(stage, ({ contents }) => contents.set(path, 'overstepped'));
    expect(world.contents.get(path)).not.toBe('overstepped');
    expect(notices.join()).toContain(path);
    const kept = [...world.checkpoints].filter(([name]) => name.endsWith(`${stage}/0-1-left`));
    expect(kept).toHaveLength(1);
    expect(kept[0]?.[1].get(path)).toBe('overstepped');
  });

  test.each([
    ['alex', SPECIFICATION],
    ['cass', `.blueprint/features/feature_${SLUG}/story-one.md`],
    ['nigel', 'test/feature_greeting.test.js'],
    ['codey-implement', 'src/greeting.js'],
  ])('what %s may do at %s is left alone without a word', async (stage, path) => {
    const text = `---\nfeatureId: ${FEATURE_ID}\n---\n`;
    const { world, notices } = await afterAgent(stage, ({ contents }) => contents.set(path, text));
    expect(world.contents.get(path)).toBe(text);
    expect(notices).toEqual([]);
    expect(world.checkpoints.size).toBe(1);
  });

  test('commits of its own are taken back, the files stay', async () => {
    const { world, notices } = await afterAgent('codey-implement', (all) => {
      all.contents.set('src/greeting.js', 'x');
      all.head = 'commit-of-the-agent';
    });
    expect(world.head).toBe('head-1');
    expect(world.contents.get('src/greeting.js')).toBe('x');
    expect(notices.join()).toContain('committed by itself');
  });

  test('the branch is checked out again where it had checked out another, as it was', async () => {
    const { world, notices } = await afterAgent('codey-implement', (all) => {
      all.contents.set('src/greeting.js', 'x');
      all.branch = 'refs/heads/other';
    });
    expect(world).toMatchObject({ head: 'head-1', branch: 'refs/heads/main' });
    expect(notices).toEqual([expect.stringContaining('checked out something else')]);
  });

  test('seed 004, identifiers AC-4: the featureId is written again where it was changed or taken away', async () => {
    for (const text of ['---\nfeatureId: other\n---\n# G\n', '# G\n', '---\ntitle: G\n---\n# G\n']) {
      const { world } = await afterAgent('alex', ({ contents }) => contents.set(SPECIFICATION, text));
      expect(world.contents.get(SPECIFICATION)).toContain(`featureId: ${FEATURE_ID}`);
      expect(world.contents.get(SPECIFICATION)).toContain('# G');
    }
  });
});
