import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type RunDetailsDocument,
  runDetailsContract,
  runListContract,
} from '../../src/interfaces/contract/run.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';

let project: PipelineProject;
afterEach(() => project.remove());

async function details(run: string): Promise<RunDetailsDocument> {
  return runDetailsContract.parse(JSON.parse((await project.pipeline('status', run, '--json')).stdout));
}

/** Builds, deploys with a way back, and checks; the check passes once there is a file `ok`. */
const DEPLOY = `
name: deploy
stages:
  - {name: build, run: echo build >> ran}
  - {name: deploy, run: echo deploy >> ran, rollback: {run: echo undo deploy >> ran}}
  - {name: check, run: "echo check >> ran; test -e ok"}
`;

async function failedRun(): Promise<string> {
  project = createPipelineProject();
  await project.register(DEPLOY);
  expect((await project.pipeline('run', 'deploy')).code).toBe(1);
  return project.runs()[0] ?? '';
}

describe('retry', () => {
  test('does what failed again, in the same run, and keeps what was finished', async () => {
    const run = await failedRun();
    project.write('ok', '');
    expect((await project.pipeline('retry', run)).code).toBe(0);
    expect(project.lines('ran')).toEqual(['build', 'deploy', 'check', 'check']);
    expect(project.runs()).toEqual([run]);
    const { run: record, stages } = await details(run);
    expect(record).toMatchObject({ id: run, status: 'succeeded' });
    expect(stages.at(-1)?.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'ok']);
  });

  test('begins from a stage that is named, also after success', async () => {
    const run = await failedRun();
    project.write('ok', '');
    await project.pipeline('retry', run);
    const plain = await project.pipeline('retry', run);
    expect([plain.code, plain.stderr]).toEqual([7, expect.stringContaining('--from <stage>')]);
    const wrong = await project.pipeline('retry', run, '--from', 'deplyo');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean deploy?')]);
    expect((await project.pipeline('retry', run, '--from', 'deploy')).code).toBe(0);
    expect(project.lines('ran')).toEqual(['build', 'deploy', 'check', 'check', 'deploy', 'check']);
  });
});

describe('rollback by hand', () => {
  test('undoes a stage of a failed run, once, and is recorded with who and why', async () => {
    const run = await failedRun();
    const plan = await project.pipeline('rollback', run, '--to', 'deploy', '--dry-run', '--json');
    expect(JSON.parse(plan.stdout)).toEqual({ run_id: run, target_stage: 'deploy', stages: ['deploy'] });
    const undone = await project.pipeline('rollback', run, '--to', 'deploy', '--reason', 'it is broken');
    expect(undone.code).toBe(0);
    expect(project.lines('ran')).toEqual(['build', 'deploy', 'check', 'undo deploy']);
    const { run: record, rollbacks, stages } = await details(run);
    expect(record).toMatchObject({ status: 'failed', reason_code: 'ROLLED_BACK' });
    expect(rollbacks).toMatchObject([
      { cause: 'manual', target_stage: 'deploy', reason: 'it is broken', status: 'succeeded' },
    ]);
    expect(stages[1]?.rolled_back_by).toBe(rollbacks[0]?.id);
    const again = await project.pipeline('rollback', run, '--to', 'deploy');
    expect([again.code, again.stderr]).toEqual([7, expect.stringContaining('deploy was undone already')]);
    project.write('ok', '');
    expect((await project.pipeline('retry', run)).code).toBe(0);
    expect(project.lines('ran').slice(4)).toEqual(['deploy', 'check']);
  });

  test('says why nothing can be undone, and which stage was meant', async () => {
    const run = await failedRun();
    const nothing = await project.pipeline('rollback', run, '--to', 'check');
    expect([nothing.code, nothing.stderr]).toEqual([7, expect.stringContaining('"rollback:" block')]);
    expect((await project.pipeline('rollback', run, '--to', 'chek')).code).toBe(2);
    expect((await project.pipeline('rollback', run)).code).toBe(2);
  });

  test('that fails exits with 1 and can be done once more', async () => {
    project = createPipelineProject();
    await project.register(`
name: stuck
stages: [{name: deploy, run: echo deploy >> ran, rollback: {run: "test -e ok && echo undone >> ran"}}]
`);
    await project.pipeline('run', 'stuck');
    const [run = ''] = project.runs();
    expect((await project.pipeline('rollback', run, '--to', 'deploy')).code).toBe(1);
    expect((await details(run)).run.reason_code).toBe('ROLLBACK_FAILED');
    project.write('ok', '');
    expect((await project.pipeline('rollback', run, '--to', 'deploy')).code).toBe(0);
    expect(project.lines('ran')).toEqual(['deploy', 'undone']);
  });
});

describe('a run that waits for an approval', () => {
  const GATED = `
name: gated
stages:
  - {name: build, run: echo build >> ran, rollback: {run: echo undo >> ran}}
  - {name: ship, run: echo ship >> ran, requires_approval: true, approvers: [ann], approval_timeout: 1h}
`;

  test('holds no process, and resuming it with nothing decided waits again', async () => {
    project = createPipelineProject();
    await project.register(GATED);
    const ended = await project.pipeline('run', 'gated');
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining('murmur8 approval approve')]);
    const [run = ''] = project.runs();
    const before = project.journal(run).length;
    expect((await project.pipeline('resume', run)).code).toBe(3);
    expect(project.journal(run)).toHaveLength(before);
    expect((await details(run)).approvals).toMatchObject([{ status: 'pending', stage_name: 'ship' }]);
  });

  test('is cancelled from anywhere: its gate is closed, and nothing is rolled back', async () => {
    project = createPipelineProject();
    await project.register(GATED);
    await project.pipeline('run', 'gated');
    const [run = ''] = project.runs();
    expect((await project.pipeline('cancel', run, '--json')).code).toBe(0);
    const { run: record, approvals } = await details(run);
    expect(record.status).toBe('cancelled');
    expect(approvals).toMatchObject([{ status: 'cancelled' }]);
    expect(project.lines('ran')).toEqual(['build']);
    expect(project.lines('.claude/pipelines/history.jsonl')).toHaveLength(1);
  });

  test('can be rolled back by hand, which closes its gate', async () => {
    project = createPipelineProject();
    await project.register(GATED);
    await project.pipeline('run', 'gated');
    const [run = ''] = project.runs();
    expect((await project.pipeline('rollback', run, '--to', 'build')).code).toBe(0);
    expect((await details(run)).approvals).toMatchObject([{ status: 'cancelled' }]);
    expect(project.lines('ran')).toEqual(['build', 'undo']);
  });
});

describe('looking back', () => {
  test('history lists the runs of a pipeline, newest first, also when it and their files are gone', async () => {
    const run = await failedRun();
    project.write('ok', '');
    await project.pipeline('run', 'deploy');
    const list = async (...more: string[]) =>
      runListContract.parse(
        JSON.parse((await project.pipeline('history', 'deploy', '--json', ...more)).stdout),
      ).runs;
    const [newest, oldest] = await list();
    expect([newest?.status, oldest?.status, oldest?.id]).toEqual(['succeeded', 'failed', run]);
    expect(await list('--limit', '1')).toMatchObject([{ status: 'succeeded' }]);
    await project.pipeline('retry', run);
    rmSync(project.path('.claude/runs', run), { recursive: true });
    expect((await project.pipeline('delete', 'deploy')).code).toBe(0);
    expect(await list()).toMatchObject([{ status: 'succeeded' }, { id: run, status: 'succeeded' }]);
    const wrong = await project.pipeline('history', 'deplyo');
    expect([wrong.code, wrong.stderr]).toEqual([6, expect.stringContaining('did you mean deploy?')]);
  });

  test('a torn line of the history costs nothing but itself', async () => {
    const run = await failedRun();
    const file = '.claude/pipelines/history.jsonl';
    project.write(file, `${project.read(file)}{"v":1,"execution_id":"torn`);
    await project.pipeline('retry', run);
    const lines = project.lines(file);
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ execution_id: run, status: 'failed' });
  });

  test('logs show each attempt under a heading; secrets stay masked', async () => {
    project = createPipelineProject({
      env: { MY_TOKEN: 'a-very-secret-value', MURMUR8_PASS_ENV: 'MY_TOKEN' },
    });
    await project.register(`
name: chatty
stages:
  - {name: one, run: echo out of one; echo "$MY_TOKEN"; test -e ok}
  - name: two
    run: printf '\\033[31mred\\033[0m'
`);
    await project.pipeline('run', 'chatty');
    const [run = ''] = project.runs();
    project.write('ok', '');
    await project.pipeline('retry', run);
    const all = await project.pipeline('logs', run);
    expect(all.code).toBe(0);
    expect(all.stdout.match(/^── .*$/gm)).toEqual([
      '── one · attempt 1 · failed',
      '── one · attempt 2 · ok',
      '── two · attempt 1 · ok',
    ]);
    expect(all.stdout).toContain('out of one');
    expect(all.stdout).not.toContain('a-very-secret-value');
    const one = await project.pipeline('logs', run, 'one', '--attempt', '2');
    expect(one.stdout.match(/^── .*$/gm)).toEqual(['── one · attempt 2 · ok']);
    expect((await project.pipeline('logs', run, 'twoo')).code).toBe(2);
    rmSync(project.path('.claude/runs', run, 'logs/two/0-1.log'));
    expect((await project.pipeline('logs', run, 'two')).stdout).toContain('removed');
    expect((await project.pipeline('logs', 'nothing')).code).toBe(6);
  });

  test('status and queue know runs of pipelines too', async () => {
    const run = await failedRun();
    const shown = await project.pipeline('status', run);
    expect(shown.stdout).toContain('STAGE_FAILED');
    const unknown = await project.pipeline('status', `${run.slice(0, 7)}zz`);
    expect([unknown.code, unknown.stderr]).toEqual([6, expect.stringContaining(run)]);
  });
});
