import type { Facts } from '../condition/evaluated.ts';

/** Something that happened and may start pipelines (spec: pipelines 8). */
export interface PipelineEvent {
  /** Such as `push`, `pull_request.merged`, `schedule`. */
  readonly type: string;
  /** Makes it once-only: the same one never starts a second run. */
  readonly deliveryId?: string;
  readonly facts: Facts;
  /** Its code comes from another repository, or nobody can tell that it does not. */
  readonly isFork?: boolean;
  readonly actor?: string;
}
