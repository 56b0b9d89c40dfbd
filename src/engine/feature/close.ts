import { featurePaths } from '../../core/feature/paths.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunEventBody } from '../../core/run/event.ts';
import type { RunState } from '../../core/run/state.ts';
import { featureOf } from './evidence.ts';
import { secretsAmong } from './secrets-in-commit.ts';
import type { FeatureWorld } from './world.ts';

/** Shows what the run made and commits exactly that; whatever is not committed stays in place. */
export async function close(world: FeatureWorld, state: RunState): Promise<Result<readonly RunEventBody[]>> {
  const { base, dirty } = state.created;
  if (base === undefined) throw new Error('a feature run begins with a checkpoint');
  const changes = await world.repository.changesSince(base);
  if (!changes.ok) return changes;
  const files = changes.value.map((change) => change.path);
  const closed = (outcome: 'committed' | 'nothing-to-commit' | 'not-asked' | 'declined', commit?: string) =>
    ok<readonly RunEventBody[]>([
      {
        type: 'run.closed',
        outcome,
        files,
        validationPassed: true,
        ...(commit === undefined ? {} : { commit }),
      },
    ]);
  if (!state.settings.commit) return closed('not-asked');
  if (files.length === 0) return closed('nothing-to-commit');
  const secrets = await secretsAmong(world, base, files);
  if (!secrets.ok) return secrets;
  if (secrets.value.length > 0) {
    const declined = closed('declined');
    return declined.ok ? ok([...declined.value, secretsNotice(secrets.value)]) : declined;
  }
  const message = await messageOf(world, state);
  const alreadyDirty = files.filter((path) => dirty.includes(path));
  if (!(await agreed(world, state, files, alreadyDirty, message))) return closed('declined');
  const committed = await world.repository.commit(files, message);
  if (committed.ok) return closed('committed', committed.value.commit);
  if (committed.error.code !== 'nothing-to-commit') return committed;
  const tree = await world.repository.state();
  if (!tree.ok) return tree;
  // All of it is in a commit already: this run's own, when its process died before it could note that.
  const { head } = tree.value;
  return head !== null && head !== state.created.head
    ? closed('committed', head)
    : closed('nothing-to-commit');
}

/** Of what was found no more than the place is told. */
function secretsNotice(places: readonly string[]): RunEventBody {
  const shown = places.slice(0, 10).join(', ');
  const more = places.length > 10 ? ` and ${places.length - 10} more` : '';
  return {
    type: 'notice',
    message: `nothing was committed: a secret of the environment, of .env or of .npmrc stands in ${shown}${more}; take it out and resume the run, or commit it yourself`,
  };
}

/** Without a terminal the run commits, unless that would take changes of the user's along. */
async function agreed(
  world: FeatureWorld,
  state: RunState,
  files: readonly string[],
  alreadyDirty: readonly string[],
  message: string,
): Promise<boolean> {
  const { settings } = state;
  const { base } = state.created;
  if (settings.yes || base === undefined) return true;
  if (!world.person.present) return alreadyDirty.length === 0;
  if (!settings.diffPreview && alreadyDirty.length === 0) return true;
  const stat = await world.repository.diff(base, files, { stat: true, colour: false });
  const answer = await world.person.preview({
    files,
    alreadyDirty,
    message,
    stat: stat.ok ? stat.value : files.join('\n'),
    diff: async () => {
      const diff = await world.repository.diff(base, files, { stat: false, colour: true });
      return diff.ok ? diff.value : diff.error.message;
    },
  });
  return answer === 'commit';
}

async function messageOf(world: FeatureWorld, state: RunState): Promise<string> {
  const { slug, featureId } = featureOf(state);
  const specification = await world.files.read(featurePaths(slug).specification);
  const heading = specification.ok ? /^#\s+(.+)$/m.exec(specification.value ?? '')?.[1] : undefined;
  const title = heading?.replace(/^feature specification\s*[—–:-]*\s*/i, '').trim();
  const subject = `feat(${slug}): ${title === undefined || title === '' ? slug : title}`.slice(0, 100);
  return `${subject}\n\nFeature-Id: ${featureId}\nRun-Id: ${state.runId}\n`;
}
