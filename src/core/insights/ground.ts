/** What a finding rests on: how many runs, and the ids of a few of them, the newest first. */
export interface Ground {
  readonly runs: number;
  readonly runIds: readonly string[];
}

/** A ground while it is collected. */
export interface GroundTally {
  runs: number;
  readonly runIds: string[];
}

/** So many ids are named; `history show <id>` tells of each. */
export const NAMED_RUNS = 5;

export function newGround(): GroundTally {
  return { runs: 0, runIds: [] };
}

/** Runs come newest first, so the first ids are the newest. Entries of before 5.0 have none and only count. */
export function addRun(ground: GroundTally, runId: string | undefined): void {
  ground.runs += 1;
  if (runId !== undefined && ground.runIds.length < NAMED_RUNS) ground.runIds.push(runId);
}

export function groundOf({ runs, runIds }: GroundTally): Ground {
  return { runs, runIds: [...runIds] };
}
