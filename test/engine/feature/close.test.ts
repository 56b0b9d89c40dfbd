import { describe, expect, test } from 'vitest';
import { fail } from '../../../src/core/result.ts';
import { close } from '../../../src/engine/feature/close.ts';
import type { CommitPreview, Person } from '../../../src/engine/feature/world.ts';
import { aState, aWorld, type FakeWorld, FEATURE_ID } from './feature-world.ts';

/** A world in which a run changed two files after its base. */
async function afterWork(special: Parameters<typeof aWorld>[0] = {}) {
  const world = aWorld(special);
  const base = await world.repository.checkpoint('base', '');
  if (!base.ok) throw new Error(base.error.message);
  world.contents.set('src/greeting.js', 'x');
  world.contents.set('README.md', '# Project\n\nmore\n');
  return { world, base: base.value };
}

async function closed(world: FakeWorld, state: ReturnType<typeof aState>) {
  const result = await close(world, state);
  if (!result.ok) throw new Error(result.error.message);
  return result.value[0];
}

function person(answer: 'commit' | 'abort', seen: CommitPreview[] = []): Person {
  return {
    ...aWorld().person,
    present: true,
    preview: async (preview) => {
      seen.push(preview);
      return answer;
    },
  };
}

describe('the end of a run', () => {
  test('commits exactly what the run changed, under the feature and the run', async () => {
    const { world, base } = await afterWork();
    expect(await closed(world, aState([], { base }))).toMatchObject({
      outcome: 'committed',
      commit: 'head-2',
    });
    expect(world.commits).toHaveLength(1);
    expect([...(world.commits[0]?.paths ?? [])].sort()).toEqual(['README.md', 'src/greeting.js']);
    expect(world.commits[0]?.message).toContain(`Feature-Id: ${FEATURE_ID}`);
  });

  test('without a person leaves a file that was dirty before uncommitted, unless --yes', async () => {
    const { world, base } = await afterWork();
    const dirty = ['README.md'];
    expect(await closed(world, aState([], { base, dirty }))).toMatchObject({ outcome: 'declined' });
    expect(world.commits).toEqual([]);
    const agreed = aState([], { base, dirty, settings: { yes: true } });
    expect(await closed(world, agreed)).toMatchObject({ outcome: 'committed' });
  });

  test('commits nothing while a line that the run added holds a secret, and says where without saying which', async () => {
    const { world, base } = await afterWork();
    world.contents.set('README.md', `${world.contents.get('README.md')}key: hush-1\n`);
    const result = await close(world, aState([], { base, settings: { yes: true } }));
    if (!result.ok) throw new Error(result.error.message);
    expect(result.value).toMatchObject([{ type: 'run.closed', outcome: 'declined' }, { type: 'notice' }]);
    expect(JSON.stringify(result.value)).toContain('README.md:4');
    expect(JSON.stringify(result.value)).not.toContain('hush');
    expect(world.commits).toEqual([]);
    // What stood there before the run is not its doing.
    const again = await world.repository.checkpoint('base', '');
    if (!again.ok) throw new Error(again.error.message);
    world.contents.set('README.md', `${world.contents.get('README.md')}more\n`);
    expect(await closed(world, aState([], { base: again.value }))).toMatchObject({ outcome: 'committed' });
  });

  test('asks a person, who is told which files were dirty before', async () => {
    const seen: CommitPreview[] = [];
    const { world, base } = await afterWork({ person: person('abort', seen) });
    expect(await closed(world, aState([], { base, dirty: ['README.md'] }))).toMatchObject({
      outcome: 'declined',
    });
    expect(seen[0]).toMatchObject({ alreadyDirty: ['README.md'] });
    expect(world.commits).toEqual([]);
  });

  test('asks nobody with --no-diff-preview, but for files that were dirty before', async () => {
    const seen: CommitPreview[] = [];
    const { world, base } = await afterWork({ person: person('commit', seen) });
    const settings = { diffPreview: false };
    await closed(world, aState([], { base, settings }));
    expect(seen).toEqual([]);
    await closed(world, aState([], { base, settings, dirty: ['README.md'] }));
    expect(seen).toHaveLength(1);
  });

  test('knows its own commit again when the process died before it could be noted', async () => {
    const { world, base } = await afterWork();
    world.head = 'head-2';
    const nothing = async () => fail({ code: 'nothing-to-commit', message: 'none differs' });
    const repeated = { ...world, repository: { ...world.repository, commit: nothing } };
    expect(await closed(repeated, aState([], { base }))).toMatchObject({
      outcome: 'committed',
      commit: 'head-2',
    });
  });

  test('has nothing to commit when nothing was changed', async () => {
    const world = aWorld();
    const base = await world.repository.checkpoint('base', '');
    if (!base.ok) throw new Error(base.error.message);
    expect(await closed(world, aState([], { base: base.value }))).toMatchObject({
      outcome: 'nothing-to-commit',
    });
  });
});
