import type { PipelineWorld } from '../../engine/pipeline/world.ts';
import type { OnSignal, Watcher } from '../session.ts';

/** What a run of a pipeline needs of whoever drives it. */
export interface PipelineCompany {
  readonly person: PipelineWorld['person'];
  readonly watcher: Watcher;
  readonly onSignal: OnSignal;
  /** The run waits for its turn behind another one of its group. */
  readonly queued: (behind: string) => void;
  /** It is owned now; called once, before the first stage. */
  readonly owned?: () => void;
}
