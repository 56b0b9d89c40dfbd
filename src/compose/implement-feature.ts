/** What the commands around a feature run need, in one place. */

export type { Person } from '../engine/feature/world.ts';
export { type Company, implementFeature, resumeRun } from './feature/implement.ts';
export type { FeatureOptions } from './feature/settings.ts';
export type { SessionResult, Watcher } from './session.ts';
