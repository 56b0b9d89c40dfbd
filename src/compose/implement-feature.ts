/** What the commands around a feature run need, in one place. */

export type { Person } from '../engine/feature/world.ts';
export { type KnownRun, knownRuns } from './feature/find-run.ts';
export { type Company, type FeatureRequest, implementFeature, resumeRun } from './feature/implement.ts';
export type { SessionResult, Watcher } from './feature/session.ts';
export type { FeatureOptions } from './feature/settings.ts';
