import { readFeatureId, restoreFeatureId, withFeatureId } from '../../core/feature/feature-id.ts';
import { featurePaths, isFeatureStage } from '../../core/feature/paths.ts';
import { mayChange } from '../../core/feature/permission.ts';
import { ok, type Result } from '../../core/result.ts';
import type { RunState } from '../../core/run/state.ts';
import type { CheckedOut, Checkpoint, FileChange } from '../ports.ts';
import { featureOf, parseList } from './evidence.ts';
import type { FeatureWorld } from './world.ts';

/** A session of an agent that has ended. */
export interface EndedSession {
  /** A stage of the pipeline, or `review`: a session that is no stage's work may change nothing. */
  readonly stage: string;
  /** Name of the session within its run. */
  readonly name: string;
  readonly before: Checkpoint & CheckedOut;
}

/**
 * Puts right what an agent may not leave behind: commits of its own, changes outside its stage's files, another
 * featureId. Nothing is lost: what it left stays in a checkpoint that is taken first. Answers with one sentence each.
 */
export async function putRight(
  world: FeatureWorld,
  state: RunState,
  session: EndedSession,
): Promise<Result<string[]>> {
  const notices: string[] = [];
  const { repository } = world;
  const seen = await repository.lookSince(session.before);
  if (!seen.ok) return seen;
  const forbidden = forbiddenAmong(state, session.stage, seen.value.changes);
  const switched = seen.value.branch !== session.before.branch;
  const committed = seen.value.head !== session.before.head;
  if (switched || committed || forbidden.length > 0) {
    const kept = await repository.checkpoint(
      `${state.executionId}/${session.name}-left`,
      `as ${session.name} was left`,
    );
    if (!kept.ok) return kept;
  }
  if (switched || committed) {
    const moved = await repository.moveHeadBack(session.before);
    if (!moved.ok) return moved;
    notices.push(
      switched
        ? 'the agent had checked out something else; the branch is checked out again as it was, the files were kept'
        : 'the agent had committed by itself; its commits were taken back, the files were kept',
    );
  }
  if (forbidden.length > 0) {
    const restored = await repository.restore(session.before, forbidden);
    if (!restored.ok) return restored;
    notices.push(`changes outside this stage were undone: ${listed(forbidden)}`);
  }
  const id = await keepFeatureId(world, state);
  if (!id.ok) return id;
  if (id.value) notices.push('the featureId had been changed; it was restored');
  return ok(notices);
}

/**
 * Nigel's tests stay as they were approved, also when the owner of the run died while codey was at work: nobody has
 * looked at what that attempt left. They are taken from the first checkpoint after nigel.
 */
export async function restoreTests(
  world: FeatureWorld,
  state: RunState,
  work: { readonly stage: string; readonly frame: number; readonly attempt: number },
): Promise<Result<string[]>> {
  const cutOff = state.stages.get(work.stage)?.frames[work.frame]?.attempts[work.attempt - 2];
  const tests = state.stages.get('nigel')?.outputs['test_files'];
  if (cutOff?.outcome !== 'abandoned' || tests === undefined || !work.stage.startsWith('codey'))
    return ok([]);
  const approved = ['codey-plan', 'codey-implement']
    .flatMap((stage) => state.stages.get(stage)?.frames ?? [])
    .flatMap((frame) => frame.attempts.flatMap((attempt) => attempt.checkpoint ?? []))[0];
  if (approved === undefined) return ok([]);
  const changes = await world.repository.changesSince(approved);
  if (!changes.ok) return changes;
  const files = parseList(tests);
  const changed = changes.value.map((change) => change.path).filter((path) => files.includes(path));
  if (changed.length === 0) return ok([]);
  const name = `${work.stage}/${work.frame}-${work.attempt - 1}-left`;
  const kept = await world.repository.checkpoint(
    `${state.executionId}/${name}`,
    'as a cut-off attempt left it',
  );
  if (!kept.ok) return kept;
  const restored = await world.repository.restore(approved, changed);
  return restored.ok
    ? ok([`tests that a cut-off attempt had changed were restored: ${listed(changed)}`])
    : restored;
}

function forbiddenAmong(state: RunState, stage: string, changes: readonly FileChange[]): string[] {
  const known = state.stages.get('nigel')?.outputs['test_files'];
  const context = { slug: featureOf(state).slug, testFiles: known === undefined ? [] : parseList(known) };
  return changes
    .map((change) => change.path)
    .filter((path) => !isFeatureStage(stage) || !mayChange(stage, path, context));
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
