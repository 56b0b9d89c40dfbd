import { afterEach, describe, expect, test, vi } from 'vitest';
import { runDetailsContract } from '../../src/interfaces/contract/run.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';

let project: PipelineProject;
afterEach(() => project.remove());

/** Waits for something that a process brings about. */
function until<T>(look: () => T): Promise<T> {
  return vi.waitFor(look, { timeout: 30_000, interval: 20 });
}

function thereIs(path: string): Promise<void> {
  return until(() => expect(project.has(path)).toBe(true));
}

async function status(run: string) {
  const ended = await project.pipeline('status', run, '--json');
  expect(ended.code).toBe(0);
  return runDetailsContract.parse(JSON.parse(ended.stdout));
}

/** A stage that waits for a file, between two that note that they ran. */
const HELD = `
name: held
stages:
  - {name: first, run: echo first >> ran}
  - {name: middle, run: "echo middle >> ran; touch waiting; while [ ! -e go ]; do sleep 0.02; done"}
  - {name: last, run: echo last >> ran}
`;

describe('a run that is stopped', () => {
  test('by Ctrl+C pauses, leaves no process, and goes on where it was', async () => {
    project = createPipelineProject();
    await project.register(HELD);
    const { child, ended } = project.startPipeline('run', 'held');
    await thereIs('waiting');
    const [run = ''] = project.runs();
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(aliveWith(run)).toEqual([]);
    expect((await status(run)).run).toMatchObject({ status: 'paused', reason_code: 'USER_INTERRUPT' });
    project.write('go', '');
    expect((await project.pipeline('run', '--resume', run)).code).toBe(0);
    expect(project.lines('ran')).toEqual(['first', 'middle', 'middle', 'last']);
  });

  test('by SIGTERM says so with its exit code', async () => {
    project = createPipelineProject();
    await project.register(HELD);
    const { child, ended } = project.startPipeline('run', 'held');
    await thereIs('waiting');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
  });

  test('twice ends at once what does not want to end', async () => {
    project = createPipelineProject();
    await project.register(`
name: stubborn
stages: [{name: deaf, run: "trap '' INT TERM; touch waiting; while :; do sleep 0.05; done"}]
`);
    const { child, ended } = project.startPipeline('run', 'stubborn');
    await thereIs('waiting');
    const [run = ''] = project.runs();
    child.kill('SIGINT');
    await until(() => expect(project.journal(run).some(({ type }) => type === 'stop.requested')).toBe(true));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(aliveWith(run)).toEqual([]);
  });

  test('by kill -9 is seen as lost at once; resuming never runs finished stages again', async () => {
    project = createPipelineProject();
    await project.register(HELD);
    const { child, ended } = project.startPipeline('run', 'held');
    await thereIs('waiting');
    const [run = ''] = project.runs();
    child.kill('SIGKILL');
    await ended;
    expect((await status(run)).run).toMatchObject({ status: 'failed', reason_code: 'SYS_OWNER_LOST' });
    const listed = JSON.parse((await project.pipeline('history', 'held', '--json')).stdout);
    expect(listed.runs).toMatchObject([{ id: run, reason_code: 'SYS_OWNER_LOST' }]);
    project.write('go', '');
    const again = await project.pipeline('resume', run.slice(0, 8), '--json');
    expect(again.code).toBe(0);
    expect(project.lines('ran')).toEqual(['first', 'middle', 'middle', 'last']);
    const document = runDetailsContract.parse(JSON.parse(again.stdout));
    const middle = document.stages.find(({ stage_name }) => stage_name === 'middle');
    expect(middle?.attempts.map(({ outcome }) => outcome)).toEqual(['abandoned', 'ok']);
    expect((await project.pipeline('resume', run)).code).toBe(7);
  });

  test('by cancel from another process is over for good', async () => {
    project = createPipelineProject();
    await project.register(HELD);
    const { ended } = project.startPipeline('run', 'held');
    await thereIs('waiting');
    const [run = ''] = project.runs();
    expect((await project.pipeline('cancel', run)).code).toBe(0);
    expect((await ended).code).toBe(1);
    expect(aliveWith(run)).toEqual([]);
    const { run: record, stages } = await status(run);
    expect(record).toMatchObject({ status: 'cancelled', reason_code: 'USER_CANCELLED' });
    expect(stages.map(({ status: word }) => word)).toEqual(['succeeded', 'cancelled', 'cancelled']);
    for (const command of [['cancel'], ['resume'], ['retry'], ['rollback', '--to', 'first']]) {
      const [word = '', ...more] = command;
      expect((await project.pipeline(word, run, ...more)).code).toBe(7);
    }
  });
});

describe('a detached run', () => {
  test('is driven by a process of its own, and its id is all that standard output gets', async () => {
    project = createPipelineProject();
    await project.register(HELD);
    const detached = await project.pipeline('run', 'held', '--detach');
    expect(detached.code).toBe(0);
    const run = detached.stdout.trim();
    expect(project.runs()).toEqual([run]);
    await thereIs('waiting');
    expect((await status(run)).run.status).toBe('running');
    const logs = project.startPipeline('logs', run, '--follow');
    project.write('go', '');
    expect((await logs.ended).code).toBe(0);
    expect((await status(run)).run.status).toBe('succeeded');
    expect(project.lines('ran')).toEqual(['first', 'middle', 'last']);
  });

  test('keeps no secret of the environment it was started in', async () => {
    project = createPipelineProject({
      env: {
        API_TOKEN: 'very-secret-value-1',
        HTTPS_PROXY: 'http://me:very-secret-value-2@proxy',
        LANG: 'C.UTF-8',
      },
    });
    await project.register('name: quick\nstages: [{name: only, run: "true"}]\n');
    expect((await project.pipeline('run', 'quick')).code).toBe(0);
    const [run = ''] = project.runs();
    const kept = project.read(`.claude/runs/${run}/owner.json`);
    expect(kept).not.toContain('very-secret');
    expect(JSON.parse(kept)).toMatchObject({ cwd: project.root, environment: { LANG: 'C.UTF-8' } });
  });
});

const grouped = (cancel: boolean): string => `
name: grouped
variables: {target: staging, mark: one}
concurrency: {group: "deploy-\${target}", cancel_in_progress: ${cancel}}
stages:
  - name: deploy
    run: 'echo "begin \${mark}" >> ran; while [ ! -e go ]; do sleep 0.02; done; echo "end \${mark}" >> ran'
`;

describe('runs of one group', () => {
  test('do not overlap: the newer one waits, and says for whom', async () => {
    project = createPipelineProject();
    await project.register(grouped(false));
    const older = project.startPipeline('run', 'grouped');
    await until(() => expect(project.lines('ran')).toEqual(['begin one']));
    const [first = ''] = project.runs();
    const newer = project.startPipeline('run', 'grouped', '--var', 'mark=two');
    await until(() => expect(newer.stderr()).toContain(`waiting for run ${first}`));
    const second = project.runs().find((id) => id !== first) ?? '';
    expect((await status(second)).run).toMatchObject({ status: 'pending', reason_code: 'QUEUED' });
    const elsewhere = project.startPipeline(
      'run',
      'grouped',
      '--var',
      'target=production',
      '--var',
      'mark=three',
    );
    await until(() => expect(project.lines('ran')).toEqual(['begin one', 'begin three']));
    project.write('go', '');
    expect((await older.ended).code).toBe(0);
    expect((await newer.ended).code).toBe(0);
    expect((await elsewhere.ended).code).toBe(0);
    const ofGroup = project.lines('ran').filter((line) => !line.endsWith('three'));
    expect(ofGroup).toEqual(['begin one', 'end one', 'begin two', 'end two']);
  });

  test('end the older one first, where the pipeline says so', async () => {
    project = createPipelineProject();
    await project.register(grouped(true));
    const older = project.startPipeline('run', 'grouped');
    await until(() => expect(project.lines('ran')).toEqual(['begin one']));
    const [first = ''] = project.runs();
    const newer = project.startPipeline('run', 'grouped', '--var', 'mark=two');
    expect((await older.ended).code).toBe(1);
    expect((await status(first)).run).toMatchObject({ status: 'cancelled', reason_code: 'SUPERSEDED' });
    project.write('go', '');
    expect((await newer.ended).code).toBe(0);
    expect(project.lines('ran')).toEqual(['begin one', 'begin two', 'end two']);
  });

  test('that wait in the queue can be cancelled and interrupted without a stage having begun', async () => {
    project = createPipelineProject();
    await project.register(grouped(false));
    const older = project.startPipeline('run', 'grouped');
    await until(() => expect(project.lines('ran')).toEqual(['begin one']));
    const [first = ''] = project.runs();
    const cancelled = project.startPipeline('run', 'grouped', '--var', 'mark=two');
    await until(() => expect(cancelled.stderr()).toContain('waiting for run'));
    const second = project.runs().find((id) => id !== first) ?? '';
    expect((await project.pipeline('cancel', second)).code).toBe(0);
    expect((await cancelled.ended).code).toBe(1);
    expect((await status(second)).run.status).toBe('cancelled');
    const interrupted = project.startPipeline('run', 'grouped', '--var', 'mark=three');
    await until(() => expect(interrupted.stderr()).toContain('waiting for run'));
    interrupted.child.kill('SIGINT');
    expect((await interrupted.ended).code).toBe(130);
    project.write('go', '');
    expect((await older.ended).code).toBe(0);
    const third = project.runs().find((id) => id !== first && id !== second) ?? '';
    expect((await project.pipeline('resume', third)).code).toBe(0);
    expect(project.lines('ran')).toEqual(['begin one', 'end one', 'begin three', 'end three']);
  });
});
