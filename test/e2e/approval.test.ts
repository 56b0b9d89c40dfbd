import { afterEach, describe, expect, test } from 'vitest';
import { isAlive } from '../rig/agents-alive.ts';
import { brokenRule } from '../rig/check-run.ts';
import { brokenGateRule } from '../rig/gate-model.ts';
import { createGatedProject, type GatedProject } from '../rig/gated-project.ts';
import { processesAbout } from '../rig/processes-about.ts';
import { until } from '../rig/until.ts';

let project: GatedProject;
afterEach(() => project.remove());

/** A pipeline that builds and, once people agree, ships; `gate` is what else its second stage says. */
function shipping(gate: string, more = ''): string {
  return `
name: shipping
stages:
  - {name: build, depends_on: [], run: echo build >> ran, rollback: {run: echo undo build >> ran}}
  - {name: ship, depends_on: build, run: echo ship >> ran, requires_approval: true, ${gate}}
${more}`;
}

async function atGate(definition: string): Promise<{ readonly run: string; readonly gate: string }> {
  project = createGatedProject();
  await project.register(definition);
  const run = await project.runToGate('shipping');
  return { run, gate: gateOf(run) };
}

/** The approval of a stage that was asked for last. */
function gateOf(run: string, stage = 'ship'): string {
  const asked = project
    .journal(run)
    .findLast((event) => event.type === 'approval.requested' && event.stage === stage);
  return asked?.type === 'approval.requested' ? asked.approvalId : '';
}

const approve = (person: string, gate: string, ...more: string[]) =>
  project.as(person, 'approval', 'approve', gate, ...more);

const reject = (person: string, gate: string, reason: string) =>
  project.as(person, 'approval', 'reject', gate, '--reason', reason);

async function expectRefused(
  ended: ReturnType<GatedProject['as']>,
  code: number,
  message: string,
): Promise<void> {
  const { code: is, stderr } = await ended;
  expect([is, stderr]).toEqual([code, expect.stringContaining(message)]);
}

describe('a quorum', () => {
  test('of any, some or all opens its gate at the vote that reaches it, and not before', async () => {
    project = createGatedProject();
    const stage = (name: string, quorum: string) =>
      `  - {name: ${name}, depends_on: [], run: echo ${name} >> ran, requires_approval: true, approvers: [ann, bob, cid], quorum: ${quorum}}`;
    await project.register(
      ['name: quorums', 'stages:', stage('one', 'any'), stage('two', '2'), stage('three', 'all')].join('\n'),
    );
    const run = await project.runToGate('quorums');
    const votes: [string, string, string[]][] = [
      ['ann', 'three', []],
      ['ann', 'two', []],
      ['ann', 'one', ['one']],
      ['bob', 'three', ['one']],
      ['cid', 'two', ['one', 'two']],
      ['cid', 'three', ['one', 'two', 'three']],
    ];
    for (const [person, name, ran] of votes) {
      expect((await approve(person, gateOf(run, name))).code).toBe(0);
      await project.comesToRest();
      expect([person, name, project.lines('ran')]).toEqual([person, name, ran]);
    }
    expect((await project.details(run)).run.status).toBe('succeeded');
  });

  test('that is out of reach rejects: the run fails, nothing is undone, and nobody else can vote', async () => {
    const { run, gate } = await atGate(
      shipping('approvers: [ann, bob, cid], quorum: 2, on_failure: rollback, rollback_to: build'),
    );
    expect((await reject('ann', gate, 'too early')).code).toBe(0);
    expect((await project.details(run)).run.status).toBe('waiting_approval');
    expect((await reject('bob', gate, 'not on a Friday')).code).toBe(0);
    await project.comesToRest();
    const { run: record, stages, approvals, rollbacks } = await project.details(run);
    expect(record).toMatchObject({ status: 'failed', reason_code: 'APPROVAL_REJECTED' });
    expect(record.message).toBe('ann: too early; bob: not on a Friday');
    expect(stages[1]).toMatchObject({ status: 'failed', reason_code: 'APPROVAL_REJECTED', attempts: [] });
    expect(approvals).toMatchObject([{ status: 'rejected', reason: 'ann: too early; bob: not on a Friday' }]);
    expect(rollbacks).toEqual([]);
    expect(project.lines('ran')).toEqual(['build']);
    await expectRefused(approve('cid', gate), 7, 'the approval is closed: rejected');
    expect(project.lines('.claude/pipelines/history.jsonl')).toHaveLength(1);
  });

  test('is the same whatever two people do at the same instant', async () => {
    project = createGatedProject();
    await project.register(shipping('approvers: [ann, bob]'));
    for (let round = 1; round <= 4; round += 1) {
      const run = await project.runToGate('shipping');
      const gate = gateOf(run);
      const [yes, no] = await Promise.all([approve('ann', gate), reject('bob', gate, 'no')]);
      expect(no.code).toBe(0);
      // After the rejection there is nothing left to vote on.
      expect([0, 7]).toContain(yes.code);
      await project.comesToRest();
      expect((await project.details(run)).run.reason_code).toBe('APPROVAL_REJECTED');
      expect(brokenGateRule(project.journal(run))).toBeUndefined();
    }
    expect(project.lines('ran')).toEqual(['build', 'build', 'build', 'build']);
  });

  test('and a cancellation at the same instant leave a run that is one or the other', async () => {
    project = createGatedProject();
    await project.register(shipping('approvers: [ann]'));
    for (let round = 1; round <= 4; round += 1) {
      const run = await project.runToGate('shipping');
      const [voted, cancelled] = await Promise.all([
        approve('ann', gateOf(run)),
        project.pipeline('cancel', run),
      ]);
      expect([0, 7]).toContain(voted.code);
      expect([0, 7]).toContain(cancelled.code);
      await project.comesToRest();
      const { run: record, stages } = await project.details(run);
      expect([record.status, stages[1]?.status]).toEqual(
        cancelled.code === 0 ? ['cancelled', 'cancelled'] : ['succeeded', 'succeeded'],
      );
      expect(brokenRule(project.journal(run))).toBeUndefined();
      expect(brokenGateRule(project.journal(run))).toBeUndefined();
    }
  });
});

describe('a run that is being driven', () => {
  /** A branch beside the gate, at work until there is a file `go`. */
  const BESIDE = `  - {name: beside, depends_on: [], run: "echo $$ >> pids; touch waiting; while [ ! -e go ]; do sleep 0.02; done"}\n`;
  const thereIs = (path: string) => until(() => expect(project.has(path)).toBe(true));

  async function driven(gate: string) {
    project = createGatedProject();
    await project.register(shipping(gate, BESIDE));
    const started = project.startPipeline('run', 'shipping');
    await thereIs('waiting');
    await until(() => expect(gateOf(project.runs()[0] ?? '')).not.toBe(''));
    const [run = ''] = project.runs();
    return { ...started, run, gate: gateOf(run) };
  }

  test('takes a vote from another process while it works, and goes on with that branch at once', async () => {
    const { run, gate, ended } = await driven('approvers: [ann]');
    expect((await project.details(run)).run.status).toBe('running');
    const voted = await approve('ann', gate, '--comment', 'go');
    expect([voted.code, voted.stdout]).toEqual([0, expect.stringContaining('is being driven and sees it')]);
    await until(() => expect(project.lines('ran')).toEqual(['build', 'ship']));
    project.write('go', '');
    expect((await ended).code).toBe(0);
  });

  test('ends with exit code 5 when it is rejected, after what was at work has ended', async () => {
    const { run, gate, ended, child } = await driven('approvers: [ann]');
    expect((await reject('ann', gate, 'no')).code).toBe(0);
    expect(child.exitCode).toBeNull();
    project.write('go', '');
    expect((await ended).code).toBe(5);
    const { stages } = await project.details(run);
    expect(stages.map(({ stage_name, status }) => [stage_name, status])).toEqual([
      ['build', 'succeeded'],
      ['ship', 'failed'],
      ['beside', 'succeeded'],
    ]);
  });

  test('sees a deadline pass by itself', async () => {
    const { ended } = await driven('approvers: [ann], approval_timeout: 1s, approval_default: approve');
    await until(() => expect(project.lines('ran')).toEqual(['build', 'ship']));
    project.write('go', '');
    expect((await ended).code).toBe(0);
  });

  test('loses nothing at its gate when everything is killed: a vote makes the rest go on', async () => {
    const { run, gate, ended } = await driven('approvers: [ann, bob], quorum: all');
    expect((await approve('bob', gate)).code).toBe(0);
    for (const line of processesAbout(project.root)) killIfThere(Number.parseInt(line, 10));
    expect((await ended).signal).toBe('SIGKILL');
    const { run: record, approvals } = await project.details(run);
    expect(record.reason_code).toBe('SYS_OWNER_LOST');
    expect(approvals).toMatchObject([{ id: gate, status: 'pending' }]);
    project.write('go', '');
    expect((await approve('ann', gate)).code).toBe(0);
    await project.comesToRest();
    expect((await project.details(run)).run.status).toBe('succeeded');
    expect(project.lines('ran')).toEqual(['build', 'ship']);
    expect(await project.verified(gate)).toMatchObject({ intact: true, entries: 4 });
  });

  test('that died leaves nothing of its work running beside what is decided afterwards', async () => {
    const { run, gate, child, ended } = await driven('approvers: [ann]');
    const [orphan] = project.lines('pids');
    // Nobody who goes on with the run shall do it instead of whoever decides.
    expect((await project.as('ann', 'approval-config', 'set', 'whenDecided', 'print')).code).toBe(0);
    child.kill('SIGKILL');
    await ended;
    expect(isAlive(Number(orphan))).toBe(true);
    expect((await reject('ann', gate, 'no')).code).toBe(0);
    expect(processesAbout(project.root)).toEqual([]);
    // What was at work is brought to its end, as it would have been.
    project.write('go', '');
    expect((await project.pipeline('resume', run)).code).toBe(5);
    const { run: record, stages } = await project.details(run);
    expect(record.reason_code).toBe('APPROVAL_REJECTED');
    expect(stages[2]?.attempts.map(({ outcome }) => outcome)).toEqual(['abandoned', 'ok']);
  });
});

describe('a deadline that passed while nobody looked', () => {
  const passed = async (run: string): Promise<void> => {
    const [approval] = (await project.details(run)).approvals;
    await until(() => expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(approval?.deadline ?? '')));
  };

  test('and means no fails the run for whoever continues it, with exit code 5', async () => {
    const { run } = await atGate(shipping('approvers: [ann], approval_timeout: 1s'));
    await passed(run);
    expect((await project.details(run)).run.status).toBe('waiting_approval');
    expect((await project.pipeline('resume', run)).code).toBe(5);
    const { run: record, approvals } = await project.details(run);
    expect(record).toMatchObject({ status: 'failed', reason_code: 'APPROVAL_EXPIRED' });
    expect(approvals).toMatchObject([{ status: 'timed_out', action: 'reject', decisions: [] }]);
    expect(project.lines('ran')).toEqual(['build']);
  });

  test('and means no is told to whoever comes too late, and is recorded', async () => {
    const { run, gate } = await atGate(shipping('approvers: [ann], approval_timeout: 1s'));
    await passed(run);
    await expectRefused(approve('ann', gate), 7, 'its deadline has passed');
    await project.comesToRest();
    expect((await project.details(run)).run.reason_code).toBe('APPROVAL_EXPIRED');
    expect((await project.approval(gate)).audit.map(({ event }) => event)).toEqual([
      'requested',
      'timed_out',
    ]);
  });

  test('and means yes lets the run go on, whoever looks next', async () => {
    const { run, gate } = await atGate(
      shipping('approvers: [ann], approval_timeout: 1s, approval_default: approve'),
    );
    await passed(run);
    // Too late to vote; that somebody looked is enough.
    await expectRefused(reject('ann', gate, 'no'), 7, 'its deadline has passed');
    await project.comesToRest();
    const { run: record, approvals } = await project.details(run);
    expect(record.status).toBe('succeeded');
    expect(approvals).toMatchObject([{ status: 'timed_out', action: 'approve', decisions: [] }]);
    expect(project.lines('ran')).toEqual(['build', 'ship']);
  });
});

describe('who may decide', () => {
  test('is whoever has a seat, once', async () => {
    const { gate } = await atGate(shipping('approvers: [ann, bob]'));
    await expectRefused(approve('eve', gate), 5, 'eve is no approver');
    await expectRefused(reject('eve', gate, 'no'), 5, 'eve is no approver');
    await expectRefused(approve('ann', 'no-such-approval'), 6, 'no-such-approval');
    expect((await approve('ann', gate.slice(0, 8))).code).toBe(0);
    await expectRefused(approve('ann', gate), 7, 'ann has voted already');
    await expectRefused(reject('ann', gate, 'changed my mind'), 7, 'ann has voted already');
    expect(project.lines('ran')).toEqual(['build']);
    const { audit } = await project.approval(gate);
    expect(audit.map(({ event, actor }) => [event, actor])).toEqual([
      ['requested', expect.any(String)],
      ['approved', 'ann'],
    ]);
  });

  test('is not whoever started the run, where that is ruled out', async () => {
    project = createGatedProject();
    await project.register(shipping('approvers: [ann, bob], quorum: any, prevent_self_approval: true'));
    expect((await project.as('ann', 'pipeline', 'run', 'shipping')).code).toBe(3);
    const [run = ''] = project.runs();
    const gate = gateOf(run);
    await expectRefused(approve('ann', gate), 5, 'ann started the run');
    // What can be done instead is named.
    await expectRefused(approve('ann', gate), 5, `murmur8 approval delegate ${gate} --to <name>`);
    expect((await approve('bob', gate)).code).toBe(0);
    await project.comesToRest();
    expect(project.lines('ran')).toEqual(['build', 'ship']);
  });

  test('is one person under several names only where one person works', async () => {
    const { gate } = await atGate(shipping('approvers: [ann, bob]'));
    expect((await approve('eve', gate, '--as', 'ann')).code).toBe(0);
    expect((await project.as('eve', 'approval-config', 'set', 'singleUser', 'false')).code).toBe(0);
    await expectRefused(approve('eve', gate, '--as', 'bob'), 5, '--as');
    expect(project.lines('ran')).toEqual(['build']);
    expect((await approve('bob', gate)).code).toBe(0);
    await project.comesToRest();
    expect(project.lines('ran')).toEqual(['build', 'ship']);
  });

  test('can be handed on, hop by hop, and every hop is on record', async () => {
    const { gate } = await atGate(shipping('approvers: [ann, bob]'));
    const delegate = (person: string, to: string, ...more: string[]) =>
      project.as(person, 'approval', 'delegate', gate, '--to', to, ...more);
    const { deadline } = (await project.approval(gate)).approval;
    await expectRefused(delegate('ann', 'bob'), 7, 'bob has a seat already');
    await expectRefused(delegate('eve', 'dan'), 5, 'eve has no seat');
    await expectRefused(delegate('eve', 'dan', '--from', 'ann'), 5, 'only its holder or an admin');
    expect((await delegate('ann', 'dan', '--comment', 'on holiday')).code).toBe(0);
    await expectRefused(approve('ann', gate), 5, 'ann is no approver');
    expect((await delegate('dan', 'eve')).code).toBe(0);
    expect((await project.as('boss', 'approval-config', 'set', 'admins', '["boss"]')).code).toBe(0);
    expect((await delegate('boss', 'fay', '--from', 'bob')).code).toBe(0);
    expect((await approve('eve', gate)).code).toBe(0);
    await expectRefused(delegate('eve', 'ann'), 7, 'eve has voted already');
    expect((await approve('fay', gate)).code).toBe(0);
    await project.comesToRest();
    await expectRefused(delegate('fay', 'ann'), 7, 'the approval is closed');
    const { approval, audit } = await project.approval(gate);
    expect(approval).toMatchObject({
      status: 'approved',
      deadline,
      seats: [
        { approver: 'ann', holder: 'eve', decision: 'approved' },
        { approver: 'bob', holder: 'fay', decision: 'approved' },
      ],
    });
    expect(
      audit.filter(({ event }) => event === 'delegated').map((entry) => [entry.actor, entry.comment]),
    ).toEqual([
      ['ann', 'ann → dan: on holiday'],
      ['dan', 'dan → eve'],
      ['boss', 'bob → fay'],
    ]);
    expect(project.lines('ran')).toEqual(['build', 'ship']);
  });

  test('can say whatever they like: it stays one line of text', async () => {
    const { gate } = await atGate(shipping('approvers: [ann, bob]'));
    const comment = '\u001b[2J\u001b]0;title\u0007 ok\n  ✓ bob: approved at once $(touch pwned)';
    expect((await approve('ann', gate, '--comment', comment)).code).toBe(0);
    const shown = await project.as('ann', 'approval', 'show', gate);
    expect(shown.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(shown.stdout.match(/^ *✓ bob/m)).toBeNull();
    expect((await project.approval(gate)).approval.decisions).toMatchObject([{ actor: 'ann', comment }]);
    expect(project.has('pwned')).toBe(false);
  });
});

describe('where a decision only prints how it goes on', () => {
  async function printing() {
    const { run, gate } = await atGate(shipping('approvers: [ann]'));
    expect((await project.as('ann', 'approval-config', 'set', 'whenDecided', 'print')).code).toBe(0);
    const voted = await approve('ann', gate);
    expect([voted.code, voted.stdout]).toEqual([
      0,
      expect.stringContaining(`murmur8 pipeline run --resume ${run}`),
    ]);
    expect(processesAbout(project.root)).toEqual([]);
    return { run, gate };
  }

  test('nothing begins until somebody types it', async () => {
    const { run } = await printing();
    expect(project.lines('ran')).toEqual(['build']);
    expect((await project.pipeline('run', '--resume', run)).code).toBe(0);
    expect(project.lines('ran')).toEqual(['build', 'ship']);
  });

  test('a commit in between makes the decision void: it is asked again, for the new one', async () => {
    const { run, gate } = await printing();
    const before = project.git('rev-parse', 'HEAD').trim();
    project.git('commit', '--allow-empty', '-q', '-m', 'in between');
    const after = project.git('rev-parse', 'HEAD').trim();
    expect((await project.pipeline('resume', run)).code).toBe(3);
    expect(project.lines('ran')).toEqual(['build']);
    const again = gateOf(run);
    expect(again).not.toBe(gate);
    const { approvals } = await project.details(run);
    expect(approvals.map(({ id, status, subject }) => [id, status, subject.commit])).toEqual([
      [gate, 'void', before],
      [again, 'pending', after],
    ]);
    expect(approvals[0]?.reason).toContain('the commit has changed');
    await expectRefused(approve('ann', gate), 7, 'the approval is closed: void');
    expect((await approve('ann', again)).code).toBe(0);
    expect((await project.pipeline('resume', run)).code).toBe(0);
    expect(project.lines('ran')).toEqual(['build', 'ship']);
    expect((await project.verified(again)).intact).toBe(true);
  });

  test('a definition that is edited or deleted in between changes nothing', async () => {
    const { run } = await printing();
    await project.register(shipping('approvers: [ann]').replace('name: shipping', 'name: other'));
    project.write('changed.yaml', shipping('approvers: [eve]').replace('echo ship', 'echo something else'));
    expect((await project.pipeline('update', 'shipping', 'changed.yaml')).code).toBe(0);
    expect((await project.pipeline('delete', 'shipping')).code).toBe(7);
    expect((await project.pipeline('resume', run)).code).toBe(0);
    expect(project.lines('ran')).toEqual(['build', 'ship']);
  });
});

/** A child of one that was killed may be gone by itself. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
