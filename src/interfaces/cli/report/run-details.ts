import { approvalRecords } from '../../../core/record/approvals.ts';
import { exportRecord } from '../../../core/record/export.ts';
import { rollbackRecords } from '../../../core/record/rollbacks.ts';
import { pipelineRunRecord } from '../../../core/record/run.ts';
import { stageRecords } from '../../../core/record/stages.ts';
import type { RunState } from '../../../core/run/state.ts';
import { calculateRunStatus } from '../../../core/status/run-status.ts';
import type { RunDetailsDocument } from '../../contract/run.ts';

/** A run with everything that belongs to it, as `pipeline run`, `status` and their kind print it with `--json`. `lostOwner` as a reader sees it. */
export function runDetails(state: RunState, lostOwner = false): RunDetailsDocument {
  return {
    run: pipelineRunRecord(state, lostOwner),
    metrics: { ...calculateRunStatus(state).metrics },
    export: exportRecord(state),
    stages: stageRecords(state, lostOwner),
    approvals: approvalRecords(state),
    rollbacks: rollbackRecords(state),
  };
}
