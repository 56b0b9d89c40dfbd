import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sealed } from '../../src/core/run/audit.ts';
import type { RunEvent } from '../../src/core/run/event.ts';
import { runListContract, runLogsContract } from '../../src/interfaces/contract/run.ts';
import { type CdStory, cdProject, emitMerged } from '../rig/cd-story.ts';
import { murmur8 } from '../rig/cli.ts';
import { createGatedProject, type GatedProject } from '../rig/gated-project.ts';
import { processesAbout } from '../rig/processes-about.ts';

describe('a deployment from a merged pull request to its rollback', () => {
  let story: CdStory;
  let project: GatedProject;
  beforeAll(async () => {
    story = await tellStory();
    project = story.project;
  }, 120_000);
  afterAll(() => project?.remove());

  test('begins with a template that needs nothing but a second approver', () => {
    expect([story.created.code, story.created.stderr]).toEqual([0, '']);
  });

  test('is started by the event, and once, though it was delivered twice', () => {
    const [first, second] = story.emitted.map(({ stdout }) => JSON.parse(stdout).events);
    expect(first).toEqual([
      {
        type: 'pull_request.merged',
        delivery_id: 'delivery-1',
        first: true,
        pipelines: [{ pipeline: 'cd', outcome: 'started', run_id: story.run, reason: null }],
      },
    ]);
    expect(second).toMatchObject([
      { first: false, pipelines: [{ pipeline: 'cd', outcome: 'already', run_id: story.run }] },
    ]);
    expect(project.runs()).toEqual([story.run]);
  });

  test('did nothing twice, nothing before it was allowed, and undid what it had done', () => {
    expect(project.lines('deeds')).toEqual([
      'work deploy-staging (staging)',
      'work smoke-staging (staging)',
      'work deploy-production (production)',
      'work smoke-production (production)',
      'undo deploy-production (production)',
    ]);
  });

  test('was approved by two people from two processes, one of them for somebody else', async () => {
    expect(story.delegated.code).toBe(0);
    expect(story.votes.map(({ code }) => code)).toEqual([0, 0]);
    const { approval, audit } = await project.approval(story.approval);
    expect(approval).toMatchObject({
      status: 'approved',
      quorum: 2,
      requested_by: 'linus',
      subject: { commit: story.commit },
      seats: [
        { approver: 'ada', holder: 'ada', decision: 'approved' },
        { approver: 'grace', holder: 'joan', decision: 'approved' },
      ],
    });
    expect(approval.summary).toBe(`deployer: Deploy the release ${story.commit} to production`);
    expect(audit.map(({ event }) => event)).toEqual([
      'requested',
      'delegated',
      'approved',
      'approved',
      'closed',
    ]);
    expect(audit.slice(2, 4).map(({ actor, comment }) => [actor, comment])).toEqual(
      expect.arrayContaining([
        ['ada', 'looks good'],
        ['joan', null],
      ]),
    );
    const text = (await project.as('ada', 'approval', 'show', story.approval)).stdout;
    expect(text).toContain('grace → joan: on holiday');
    expect(text).toContain('looks good');
  });

  test('stands in the status with every stage, vote and step', async () => {
    const { run, stages, approvals, rollbacks } = await project.details(story.run);
    expect(run).toMatchObject({
      status: 'failed',
      reason_code: 'ROLLED_BACK',
      trigger_event: 'pull_request.merged',
      delivery_id: 'delivery-1',
      triggered_by: 'linus',
      revision: 1,
    });
    expect(run.message).toContain('the front page answers 502');
    expect(stages.map(({ stage_name, status }) => [stage_name, status])).toEqual([
      ['deploy-staging', 'succeeded'],
      ['smoke-staging', 'succeeded'],
      ['deploy-production', 'succeeded'],
      ['smoke-production', 'failed'],
    ]);
    expect(stages[0]?.outputs).toEqual({ release: story.commit });
    expect(stages[2]?.rolled_back_by).toBe(rollbacks[0]?.id);
    expect(approvals).toMatchObject([{ id: story.approval, status: 'approved' }]);
    expect(rollbacks).toMatchObject([
      {
        cause: 'failure',
        target_stage: 'deploy-production',
        failed_stage: 'smoke-production',
        status: 'succeeded',
        steps: [{ stage_name: 'deploy-production', status: 'succeeded', agent_id: 'deployer' }],
      },
    ]);
    const text = (await project.pipeline('status', story.run)).stdout;
    for (const told of [
      'ROLLED_BACK',
      'pull_request.merged',
      'joan for grace: approved',
      'Rollback to deploy-production',
    ])
      expect(text).toContain(told);
  });

  test('stands in the history, which keeps the head of the audit', async () => {
    const listed = await project.pipeline('history', 'cd', '--json');
    expect(runListContract.parse(JSON.parse(listed.stdout)).runs).toMatchObject([
      { id: story.run, status: 'failed', reason_code: 'ROLLED_BACK', delivery_id: 'delivery-1' },
    ]);
    expect((await project.pipeline('history', 'cd')).stdout).toContain('failed (ROLLED_BACK)');
    const entries = project.lines('.claude/pipelines/history.jsonl').map((line) => JSON.parse(line));
    expect(entries).toHaveLength(1);
    const verified = await project.verified(story.approval);
    expect(verified).toMatchObject({ intact: true, entries: 5, head: entries[0].audit_head });
  });

  test('can be read in the logs, in the order in which it happened', async () => {
    const { stdout } = await project.pipeline('logs', story.run);
    expect(stdout.match(/^── .*$/gm)).toEqual([
      '── deploy-staging · attempt 1 · ok',
      '── smoke-staging · attempt 1 · ok',
      '── deploy-production · attempt 1 · ok',
      '── smoke-production · attempt 1 · crashed',
      '── deploy-production · undoing · succeeded',
    ]);
    expect(stdout).toMatch(/smoke-production · attempt 1 · crashed\n.*the front page answers 502/);
    expect(stdout).toContain('the release before runs again');
    const json = await project.pipeline('logs', story.run, '--json');
    const { run_id, logs } = runLogsContract.parse(JSON.parse(json.stdout));
    expect([run_id, logs.map(({ stage_name, attempt, outcome }) => [stage_name, attempt, outcome])]).toEqual([
      story.run,
      [
        ['deploy-staging', 1, 'ok'],
        ['smoke-staging', 1, 'ok'],
        ['deploy-production', 1, 'ok'],
        ['smoke-production', 1, 'crashed'],
        ['deploy-production', null, 'succeeded'],
      ],
    ]);
    expect(logs[3]?.text).toContain('the front page answers 502');
  });

  describe('with a journal that somebody has changed by hand', () => {
    const file = () => `.claude/runs/${story.run}/journal.jsonl`;
    let before: string;
    beforeAll(() => {
      before = project.read(file());
    });
    afterEach(() => project.write(file(), before));

    async function broken() {
      const ended = await murmur8(['approval', 'verify', story.approval, '--json'], { cwd: project.root });
      expect(ended.code).toBe(1);
      const text = await murmur8(['approval', 'verify', story.run], { cwd: project.root });
      expect([text.code, text.stdout]).toEqual([1, expect.stringContaining('broken')]);
      return JSON.parse(ended.stdout) as { intact: boolean; broken_at: number; message: string };
    }

    test('a comment that reads otherwise is found, with its place', async () => {
      project.write(file(), before.replace('"looks good"', '"go, go, go"'));
      const { seq } = vote('ada');
      expect(await broken()).toMatchObject({ intact: false, broken_at: seq });
    });

    test('a vote that is gone is found', async () => {
      project.write(file(), linesWithout(before, vote('ada').seq));
      expect((await broken()).intact).toBe(false);
    });

    test('the last entry that is gone is found, because the history knows it', async () => {
      const last = project.journal(story.run).findLast(({ type }) => type.startsWith('approval.'));
      project.write(file(), linesWithout(before, last?.seq ?? 0));
      expect((await broken()).message).toContain('recorded elsewhere');
    });

    test('a chain that was written anew from end to end is found, because the history knows the old one', async () => {
      project.write(file(), chainedAnew(before.replace('"looks good"', '"go, go, go"')));
      expect((await broken()).message).toContain('recorded elsewhere');
    });
  });

  function vote(actor: string) {
    const found = project
      .journal(story.run)
      .find((event) => event.type === 'approval.voted' && event.actor === actor);
    if (found === undefined) throw new Error(`${actor} has not voted`);
    return found;
  }
});

async function tellStory(): Promise<CdStory> {
  const { project, created } = await cdProject();
  const emitted = [await emitMerged(project, 'delivery-1'), await emitMerged(project, 'delivery-1')];
  // Nothing is left of the run but files: no process works at it, and its lease was given back.
  await project.comesToRest();
  const [run = ''] = project.runs();
  const lease = project.filesBelow(`.claude/runs/${run}`).filter((path) => path.includes('/lease.'));
  expect(lease.map((path) => JSON.parse(project.read(path)).released)).toEqual([true]);
  expect((await project.details(run)).run.status).toBe('waiting_approval');
  const { id: approval } = await project.gateOf(run, 'deploy-production');
  const delegated = await project.as(
    'grace',
    ...['approval', 'delegate', approval, '--to', 'joan', '--comment', 'on holiday'],
  );
  expect(processesAbout(project.root)).toEqual([]);
  const votes = await Promise.all([
    project.as('ada', 'approval', 'approve', approval, '--comment', 'looks good'),
    project.as('joan', 'approval', 'approve', approval),
  ]);
  await project.comesToRest();
  const commit = project.git('rev-parse', 'HEAD').trim();
  return { project, run, approval, commit, created, emitted, delegated, votes };
}

function linesWithout(journal: string, seq: number): string {
  const kept = journal.split('\n').filter((line) => line === '' || JSON.parse(line).seq !== seq);
  expect(kept).toHaveLength(journal.split('\n').length - 1);
  return kept.join('\n');
}

/** What somebody does who knows how the chain is made. */
function chainedAnew(journal: string): string {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  let head = '';
  return journal
    .split('\n')
    .map((line) => {
      if (!line.includes('"type":"approval.')) return line;
      const event = JSON.parse(line) as RunEvent;
      const again = sealed(event, head, event.at, digest);
      head = 'chain' in again ? (again.chain ?? '') : head;
      return JSON.stringify(again);
    })
    .join('\n');
}

test('two votes at the same instant from two processes both count, and the run goes on once, ten times', async () => {
  const project = createGatedProject();
  await project.register(`
name: pair
stages:
  - {name: build, run: "echo build >> ran"}
  - {name: ship, run: "echo ship >> ran", requires_approval: true, approvers: [ann, bob], quorum: all}
`);
  for (let round = 1; round <= 10; round += 1) {
    const run = await project.runToGate('pair');
    const asked = project.journal(run).find((event) => event.type === 'approval.requested');
    const id = asked?.type === 'approval.requested' ? asked.approvalId : '';
    const votes = await Promise.all(
      ['ann', 'bob'].map((person) => project.as(person, 'approval', 'approve', id)),
    );
    expect(votes.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    await project.comesToRest();
    const journal = project.journal(run);
    expect(journal.filter(({ type }) => type === 'approval.voted')).toHaveLength(2);
    expect(journal.filter(({ type }) => type === 'approval.closed')).toMatchObject([{ status: 'approved' }]);
    expect(journal.filter(({ type }) => type === 'run.finished')).toMatchObject([{ status: 'succeeded' }]);
    expect(project.lines('ran')).toHaveLength(2 * round);
  }
  project.remove();
}, 120_000);
