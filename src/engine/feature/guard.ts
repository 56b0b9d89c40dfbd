import { readFeatureId, restoreFeatureId, withFeatureId } from '../../core/feature/feature-id.ts';
import { featurePaths, isFeatureStage } from '../../core/feature/paths.ts';
import { mayChange } from '../../core/feature/permission.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import type { Checkpoint, FileChange } from '../ports.ts';
import { featureOf, parseList } from './evidence.ts';
import type { FeatureWorld } from './world.ts';

/**
 * Puts right what an agent may not leave behind: commits of its own, changes outside its stage's files, another
 * featureId. Nothing is lost: all of it stays in the checkpoint that is taken first. Answers with one sentence each.
 */
export async function putRight(
  world: FeatureWorld,
  state: RunState,
  stage: string,
  before: Checkpoint,
  head: string | null,
): Promise<Result<string[]>> {
  const notices: string[] = [];
  const now = await world.repository.head();
  if (!now.ok) return now;
  if (now.value !== head) {
    const moved = await world.repository.moveHeadBack(head);
    if (!moved.ok) return moved;
    notices.push('the agent had committed by itself; its commits were taken back, the files were kept');
  }
  const changes = await world.repository.changesSince(before);
  if (!changes.ok) return changes;
  const undone = await undoForbidden(world, state, stage, before, changes.value);
  if (!undone.ok) return undone;
  if (undone.value.length > 0)
    notices.push(`changes outside this stage were undone: ${listed(undone.value)}`);
  const id = await keepFeatureId(world, state);
  if (!id.ok) return id;
  if (id.value) notices.push('the featureId had been changed; it was restored');
  return ok(notices);
}

/** A session that is no stage's work, such as a rating, may change nothing. */
async function undoForbidden(
  world: FeatureWorld,
  state: RunState,
  stage: string,
  before: Checkpoint,
  changes: readonly FileChange[],
): Promise<Result<string[]>> {
  const known = state.stages.get('nigel')?.outputs['test_files'];
  const context = { slug: featureOf(state).slug, testFiles: known === undefined ? [] : parseList(known) };
  const forbidden = changes
    .map((change) => change.path)
    .filter((path) => !isFeatureStage(stage) || !mayChange(stage, path, context));
  if (forbidden.length === 0) return ok([]);
  const restored = await world.repository.restore(before, forbidden);
  return restored.ok ? ok(forbidden) : restored;
}

/** True if the id in the specification had to be written again. */
async function keepFeatureId(world: FeatureWorld, state: RunState): Promise<Result<boolean>> {
  const { slug, featureId } = featureOf(state);
  const path = featurePaths(slug).specification;
  const read = await world.files.read(path);
  if (!read.ok) return read;
  if (read.value === undefined) return ok(false);
  const found = readFeatureId(read.value);
  if (found === featureId) return ok(false);
  const text =
    found === undefined ? withFeatureId(read.value, featureId) : restoreFeatureId(read.value, featureId);
  const written = await world.files.write(path, text);
  return written.ok ? ok(found !== undefined) : written;
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 10).join(', ');
  return paths.length > 10 ? `${shown} and ${paths.length - 10} more` : shown;
}
