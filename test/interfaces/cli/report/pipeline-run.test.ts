import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  approvalAsText,
  approvalsAsText,
  auditVerificationAsText,
} from '../../../../src/interfaces/cli/report/approval.ts';
import {
  pipelineHistoryAsText,
  pipelineRunAsText,
} from '../../../../src/interfaces/cli/report/pipeline-run.ts';
import { PLAIN } from '../../../../src/interfaces/cli/report/style.ts';
import { displayWidth } from '../../../../src/interfaces/cli/report/table.ts';
import type { ApprovalRecord } from '../../../../src/interfaces/contract/approval.ts';
import type {
  PipelineRunRecord,
  PipelineStageRecord,
  RunDetailsDocument,
} from '../../../../src/interfaces/contract/run.ts';

const RUN = 'e0000000-0000-4000-8000-000000000001';
const APPROVAL = 'a0000000-0000-4000-8000-000000000001';
const NOW = Date.parse('2026-01-05T10:00:00.000Z');
const at = (width: number) => ({ style: PLAIN, width, now: NOW });

beforeEach(() => {
  vi.stubEnv('npm_lifecycle_event', '');
  return () => vi.unstubAllEnvs();
});

function aRun(different: Partial<PipelineRunRecord> = {}): PipelineRunRecord {
  return {
    id: RUN,
    pipeline_id: null,
    pipeline: 'feature-complete',
    revision: 2,
    status: 'succeeded',
    reason_code: 'ALL_STAGES_SUCCEEDED',
    message: null,
    trigger_event: 'manual',
    delivery_id: null,
    triggered_by: 'ann',
    started_at: '2026-01-05T09:00:00.000Z',
    completed_at: '2026-01-05T09:04:10.000Z',
    with_warnings: false,
    ...different,
  };
}

function aStageRecord(stage_name: string, different: Partial<PipelineStageRecord> = {}): PipelineStageRecord {
  return {
    id: `${RUN}/${stage_name}`,
    run_id: RUN,
    stage_name,
    status: 'succeeded',
    agent_id: 'deployer',
    environment: null,
    depends_on: [],
    started_at: '2026-01-05T09:00:00.000Z',
    completed_at: '2026-01-05T09:00:04.200Z',
    reason_code: null,
    message: null,
    outputs: {},
    frames: framesOf(1, []),
    attempts: [],
    approval_ids: [],
    rolled_back_by: null,
    ...different,
  };
}

type Frames = PipelineStageRecord['frames'];

function framesOf(total: number, list: Frames['list'], different: Partial<Frames> = {}): Frames {
  const sums = { approved: 0, rejected: 0, failed: 0, remaining: 0, at_work: 0, total_attempts: 0 };
  return { total, ...sums, list, ...different };
}

const METRICS: RunDetailsDocument['metrics'] = {
  total_frames: 1,
  frames_completed: 1,
  frames_failed: 0,
  frames_remaining: 0,
  total_attempts: 1,
  retry_rate: 0,
  reject_rate: 0,
};

const APPROVAL_RECORD: ApprovalRecord = {
  id: APPROVAL,
  run_id: RUN,
  pipeline: 'feature-complete',
  stage_name: 'deploy-prod',
  status: 'pending',
  requested_at: '2026-01-05T09:30:00.000Z',
  requested_by: 'ann',
  deadline: '2026-01-06T09:30:00.000Z',
  default_action: 'reject',
  action: null,
  quorum: 2,
  prevent_self_approval: false,
  summary: 'Deploy to production',
  subject: { definition: 'd'.repeat(64), inputs: 'f'.repeat(64), commit: 'c'.repeat(40) },
  seats: [
    { approver: 'team-lead', holder: 'team-lead', decision: 'approved' },
    { approver: 'devops', holder: 'eve', decision: null },
  ],
  decisions: [
    {
      id: `${APPROVAL}/0`,
      approval_id: APPROVAL,
      actor: 'team-lead',
      decision: 'approved',
      comment: 'LG\u001b[31mTM',
      channel: 'cli',
      decided_at: '2026-01-05T09:40:00.000Z',
    },
  ],
  notifications: {},
  reason: null,
  completed_at: null,
};

function details(different: Partial<RunDetailsDocument> = {}): RunDetailsDocument {
  return {
    run: aRun(),
    metrics: METRICS,
    export: null,
    stages: [aStageRecord('build')],
    approvals: [],
    rollbacks: [],
    ...different,
  };
}

describe('pipeline status', () => {
  test('shows a run that waits with who has voted and the two commands', () => {
    const text = pipelineRunAsText(
      details({
        run: aRun({ status: 'waiting_approval', reason_code: 'APPROVAL_PENDING', completed_at: null }),
        stages: [
          aStageRecord('smoke-test', { agent_id: 'smoke-tester' }),
          aStageRecord('deploy-prod', {
            status: 'waiting_approval',
            environment: 'production',
            started_at: null,
            completed_at: null,
          }),
          aStageRecord('docs', {
            status: 'skipped',
            agent_id: null,
            started_at: null,
            completed_at: null,
            reason_code: 'WHEN_FALSE',
            message: 'branch is x, not main',
          }),
        ],
        approvals: [APPROVAL_RECORD],
      }),
      at(80),
    );
    expect(text).toBe(`Pipeline:  feature-complete (revision 2)
Run:       ${RUN}
Status:    waiting_approval (APPROVAL_PENDING)
Reason:    waiting for an approval
Started:   2026-01-05 09:00:00Z by ann (manual)
Duration:  1h 00m

Stages:
  ✓ smoke-test   succeeded         4.2s  smoke-tester
  ? deploy-prod  waiting_approval        deployer · production
  – docs         skipped                 command
      WHEN_FALSE: branch is x, not main

Approvals:
  deploy-prod: pending, 1 of 2 needed, waits for eve
    until 2026-01-06 09:30:00Z (23h 30m left), else rejected
    Deploy to production
    ✓ team-lead: approved at 2026-01-05 09:40:00Z by cli
        LGTM
    · eve for devops: has not voted
    murmur8 approval approve ${APPROVAL} --comment "…"
    murmur8 approval reject ${APPROVAL} --reason "…"
`);
  });

  test('shows a failed run with what was undone and how to go on', () => {
    const text = pipelineRunAsText(
      details({
        run: aRun({ status: 'failed', reason_code: 'ROLLED_BACK', message: 'smoke-test: exit code 1' }),
        stages: [
          aStageRecord('deploy-staging', { rolled_back_by: 'r1' }),
          aStageRecord('smoke-test', {
            status: 'failed',
            reason_code: 'STAGE_FAILED',
            message: 'exit code 1',
          }),
        ],
        rollbacks: [
          {
            id: 'r1',
            run_id: RUN,
            cause: 'failure',
            target_stage: 'deploy-staging',
            failed_stage: 'smoke-test',
            requested_by: null,
            reason: null,
            status: 'succeeded',
            message: null,
            started_at: '2026-01-05T09:03:00.000Z',
            completed_at: '2026-01-05T09:04:00.000Z',
            steps: [
              {
                stage_name: 'deploy-staging',
                status: 'succeeded',
                agent_id: 'deployer',
                started_at: '2026-01-05T09:03:00.000Z',
                completed_at: '2026-01-05T09:03:30.000Z',
                exit_code: 0,
                message: null,
                log_file: null,
              },
            ],
          },
        ],
      }),
      at(60),
    );
    expect(text).toContain('Status:    failed (ROLLED_BACK)\n');
    expect(text).toContain('Reason:    failed and was rolled back: smoke-test: exit code 1\n');
    expect(text).toContain(
      `Next:      murmur8 pipeline logs ${RUN} shows why; murmur8 pipeline retry ${RUN} does it again\n`,
    );
    expect(text).toContain(`
Stages:
  ↶ deploy-staging  succeeded  4.2s  deployer  undone
  ✗ smoke-test      failed     4.2s  deployer
      STAGE_FAILED: exit code 1

Rollback to deploy-staging:
  succeeded, because smoke-test failed
  ✓ deploy-staging  succeeded  30.0s  deployer
`);
  });

  test.each([60, 80, 120])(
    'keeps stages to %i columns, and neutralises what files and agents say',
    (width) => {
      const nasty = `\u001b[2J${'long '.repeat(80)}\n\u001b]0;t\u0007end`;
      const stages = [
        aStageRecord('a', { status: 'failed', agent_id: nasty, environment: nasty, message: nasty }),
      ];
      const text = pipelineRunAsText(details({ stages }), at(width));
      const body = text.slice(text.indexOf('Stages:'));
      expect(Math.max(...body.split('\n').map(displayWidth))).toBeLessThanOrEqual(width);
      expect(text).not.toContain('\u001b');
      expect(text).toContain('end\n');
    },
  );

  test('shows how frames stand, which is at work, which failed, and what was exported', () => {
    const frame = (index: number, different: Partial<Frames['list'][number]>) => ({
      frame: index,
      title: `flame_0${index + 1}`,
      status: 'approved' as const,
      attempts: 1,
      strategy: null,
      reason_code: null,
      message: null,
      ...different,
    });
    const list = [
      frame(0, {}),
      frame(3, {
        status: 'rejected',
        attempts: 4,
        strategy: 'SNAP',
        reason_code: 'OUTPUT_INVALID',
        message: 'p\u001b[31malette',
      }),
      frame(4, { status: 'auditing', attempts: 2, strategy: 'RESCUE' }),
      frame(5, { status: 'generating' }),
    ];
    const sums = { approved: 3, rejected: 1, remaining: 4, at_work: 2, total_attempts: 9 };
    const text = pipelineRunAsText(
      details({
        run: aRun({ status: 'running', reason_code: 'AUDITING', completed_at: null }),
        metrics: { ...SPRITE, frames_completed: 3, total_attempts: 9 },
        stages: [aStageRecord('draw', { status: 'running', frames: framesOf(8, list, sums) })],
        export: {
          status: 'exported',
          location: 'runs/r/export/',
          files: ['blaze_idle.png', 'blaze_idle.json'],
          validation_passed: false,
          reason_code: null,
          message: 'the validation did not pass: exit code 1',
          log_file: null,
        },
      }),
      at(60),
    );
    expect(text).toContain('Frames:    3 of 8 approved, 1 failed; 9 attempts, 37.5% of frames retried\n');
    expect(text).toContain(`
  ▸ draw  running  4.2s  9 attempts  deployer
      3 of 8 frames approved, 1 rejected, 2 at work
      frame 5 (flame_05): auditing, attempt 2 with RESCUE
      frame 4 (flame_04): rejected, attempt 4 with SNAP;
      OUTPUT_INVALID: palette

Export:
  runs/r/export/: blaze_idle.png, blaze_idle.json
  ✗ not valid
  the validation did not pass: exit code 1
`);
  });

  test('lets no time grow of a run that nobody works at any more', () => {
    const text = pipelineRunAsText(
      details({
        run: aRun({ status: 'failed', reason_code: 'SYS_OWNER_LOST' }),
        stages: [aStageRecord('draw', { status: 'interrupted' })],
      }),
      at(80),
    );
    expect(text).toContain('Duration:  4m 10s\n');
    expect(text).toContain('  ▹ draw  interrupted  4.2s  deployer\n');
  });

  test('says that a success has warnings, and takes a reason that only a newer version knows', () => {
    expect(pipelineRunAsText(details({ run: aRun({ with_warnings: true }) }), at(80))).toContain(
      'Status:    succeeded with warnings\n',
    );
    const newer = aRun({ status: 'failed', reason_code: 'NEW_REASON' });
    const text = pipelineRunAsText(details({ run: newer }), at(80));
    expect(text).toContain('Reason:    NEW_REASON\n');
    expect(text).toContain(`Next:      murmur8 pipeline retry ${RUN}\n`);
  });

  test.each([
    [{ status: 'paused', reason_code: 'USER_INTERRUPT' }, `murmur8 pipeline run --resume ${RUN}`],
    [
      { status: 'paused', reason_code: 'RETRY_RATE_EXCEEDED' },
      `murmur8 pipeline run --resume ${RUN} --limit retry_rate=<0..1> raises the limit`,
    ],
    [{ status: 'failed', reason_code: 'SYS_OWNER_LOST' }, `murmur8 pipeline run --resume ${RUN}`],
    [
      { status: 'waiting_approval', reason_code: 'QUESTION_PENDING' },
      `murmur8 answer ${RUN} "<your answer>"`,
    ],
    [{ status: 'running', reason_code: 'GENERATING' }, `murmur8 pipeline logs ${RUN} --follow`],
  ] as const)('says what to type next: %o', (different, command) => {
    expect(pipelineRunAsText(details({ run: aRun(different) }), at(80))).toContain(`Next:      ${command}\n`);
  });
});

const SPRITE: RunDetailsDocument['metrics'] = {
  total_frames: 8,
  frames_completed: 7,
  frames_failed: 1,
  frames_remaining: 0,
  total_attempts: 15,
  retry_rate: 0.375,
  reject_rate: 0,
};

test('pipeline history has a line per run, with ids as short as tell them apart', () => {
  const runs = [
    {
      ...aRun({ id: 'e0000000-0000-4000-8000-000000000002', status: 'failed', reason_code: 'ROLLED_BACK' }),
      metrics: null,
    },
    {
      ...aRun({
        id: 'e0000001-0000-4000-8000-000000000003',
        trigger_event: 'pull_request.merged',
        triggered_by: 'github',
        delivery_id: '42',
      }),
      metrics: SPRITE,
    },
  ];
  expect(
    pipelineHistoryAsText(runs, at(80)),
  ).toBe(`RUN       STATUS                STARTED               TOOK    FRAMES  ATTEMPTS  TRIGGER
e0000000  failed (ROLLED_BACK)  2026-01-05 09:00:00Z  4m 10s  -       -         manual by ann
e0000001  succeeded             2026-01-05 09:00:00Z  4m 10s  7/8     15        pull_request.merged, delivery 42 by github
`);
  expect(pipelineHistoryAsText([], at(80))).toBe('no runs\n');
  const another = { ...aRun(), metrics: SPRITE };
  const [first = another] = runs;
  expect(pipelineHistoryAsText([first, another], at(80))).toContain(
    '\ne0000000-0000-4000-8000-000000000001  ',
  );
});

describe('approvals', () => {
  test('are a table where there is room', () => {
    expect(
      approvalsAsText([APPROVAL_RECORD], at(120)),
    ).toBe(`ID                                    STATUS   PIPELINE          STAGE        VOTES   DEADLINE  WAITS FOR
${APPROVAL}  pending  feature-complete  deploy-prod  1 of 2  23h 30m   eve
`);
  });

  test('are some lines each where there is not', () => {
    expect(approvalsAsText([APPROVAL_RECORD], at(60))).toBe(`${APPROVAL}  pending  1 of 2
  deploy-prod of feature-complete, asked by ann at
  2026-01-05 09:30:00Z
  waits for eve, 23h 30m left
`);
    expect(approvalsAsText([], at(60))).toBe('no approvals\n');
  });

  test('show what is on record, each entry with its link of the chain', () => {
    const text = approvalAsText(
      {
        approval: { ...APPROVAL_RECORD, status: 'rejected', reason: 'not tested' },
        audit: [
          {
            seq: 4,
            at: '2026-01-05T09:30:00.000Z',
            approval_id: APPROVAL,
            stage_name: 'deploy-prod',
            event: 'requested',
            actor: 'ann',
            channel: null,
            comment: null,
            chain: '0123456789abcdef'.repeat(4),
          },
          {
            seq: 5,
            at: '2026-01-05T09:40:00.000Z',
            approval_id: APPROVAL,
            stage_name: 'deploy-prod',
            event: 'approved',
            actor: 'team-lead',
            channel: 'cli',
            comment: 'LGTM',
            chain: 'fedcba9876543210'.repeat(4),
          },
        ],
      },
      at(80),
    );
    expect(text).toContain('Status:      rejected: not tested\n');
    expect(text).toContain(`
Audit:
  2026-01-05 09:30:00Z  0123456789ab  requested  ann
  2026-01-05 09:40:00Z  fedcba987654  approved   team-lead by cli
      LGTM
`);
    expect(text).not.toContain('murmur8 approval approve');
  });

  test('say of a passed deadline what it means and what makes it so, and offer no vote that is refused', () => {
    const late = { ...APPROVAL_RECORD, deadline: '2026-01-05T09:59:00.000Z' };
    const shown = approvalAsText({ approval: late, audit: [] }, at(120));
    expect(shown).toContain('passed at 2026-01-05 09:59:00Z; it is rejected as soon as the run goes on\n');
    expect(shown).toContain(`\n  murmur8 pipeline run --resume ${RUN}\n`);
    expect(shown).not.toMatch(/approval approve|waits for|left/);
    expect(approvalsAsText([late], at(160))).toMatch(
      new RegExp(`passed +murmur8 pipeline run --resume ${RUN}\n$`),
    );
    expect(approvalsAsText([late], at(60))).toContain('passed at 2026-01-05 09:59:00Z');
    expect(approvalsAsText([{ ...late, default_action: 'approve' }], at(60))).toContain('it is approved');
  });

  test('verify says whether the chain holds, and where it does not', () => {
    const whole = { intact: true, entries: 3, head: 'abc', broken_at: null, message: null };
    expect(auditVerificationAsText(whole, { style: PLAIN })).toBe('intact: 3 entries\nhead abc\n');
    const broken = { ...whole, intact: false, broken_at: 7, message: 'the entry was changed' };
    expect(auditVerificationAsText(broken, { style: PLAIN })).toBe(
      'broken at event 7: the entry was changed\nhead abc\n',
    );
  });
});
