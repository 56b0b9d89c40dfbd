import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runListContract, runLogsContract } from '../../src/interfaces/contract/run.ts';
import { BIN, MACHINE, murmur8 } from '../rig/cli.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { processesAbout } from '../rig/processes-about.ts';
import { until } from '../rig/until.ts';

let project: PipelineProject;
beforeEach(() => {
  project = createPipelineProject();
});
afterEach(() => project.remove());

async function lastRun(name: string): Promise<string> {
  const listed = await project.pipeline('history', name, '--json');
  return runListContract.parse(JSON.parse(listed.stdout)).runs[0]?.id ?? '';
}

describe('pipeline logs --json', () => {
  test('is one document of what was printed, also of what was undone', async () => {
    await project.register(`name: undo
stages:
  - {name: one, run: "echo hello", rollback: {run: "echo undone"}}
  - {name: two, run: "exit 3", on_failure: rollback, rollback_to: one}
`);
    expect((await project.pipeline('run', 'undo')).code).toBe(1);
    const run = await lastRun('undo');
    const { logs, run_id } = runLogsContract.parse(
      JSON.parse((await project.pipeline('logs', run, '--json')).stdout),
    );
    expect(run_id).toBe(run);
    expect(
      logs.map(({ stage_name, attempt, outcome, text }) => [stage_name, attempt, outcome, text]),
    ).toEqual([
      ['one', 1, 'ok', 'hello\n'],
      ['two', 1, 'failed', expect.toSatisfy((text) => text === null || text === '')],
      ['one', null, 'succeeded', 'undone\n'],
    ]);
  });
});

describe('what a run says', () => {
  test('tells a failure of a command once, and goes on under the id that people know', async () => {
    await project.register('name: flaky\nstages:\n  - {name: a, run: "test -f there"}\n');
    const failed = await project.pipeline('run', 'flaky');
    expect(failed.stdout.match(/a: failed/g)).toHaveLength(1);
    const run = await lastRun('flaky');
    project.write('there', '');
    const again = await project.pipeline('retry', run);
    expect(again.stdout).toContain(`continuing run ${run}\n`);
  });
});

describe('event emit', () => {
  test('begins with what it started, and does not list who waits for no event', async () => {
    for (const name of ['a', 'b'])
      await project.register(`name: ${name}\nstages: [{name: x, run: "true"}]\n`);
    await project.register('name: z\ntriggers: [{event: push}]\nstages: [{name: x, run: "true"}]\n');
    const { stdout } = await murmur8(['event', 'emit', 'push', '--id', 'd1'], { cwd: project.root });
    // What it started is let go to its end, before its project is taken away.
    await until(() => expect(processesAbout(project.root)).toEqual([]));
    expect(stdout).toMatch(/^push d1\n {2}z: started: murmur8 pipeline status \S+\n {2}no triggers: a, b\n$/);
  });
});

test('called by its other name, the program gives commands under that name', async () => {
  const orchestrate = join(project.root, 'orchestrate');
  symlinkSync(BIN, orchestrate);
  const { stdout } = await promisify(execFile)(process.execPath, [orchestrate, 'pipeline', 'list'], {
    cwd: project.root,
    env: { ...MACHINE },
  });
  expect(stdout).toBe('no pipelines yet; orchestrate pipeline create <file> registers one\n');
});

describe('what is printed as the next step', () => {
  test('names the stage that failed, and its logs', async () => {
    await project.register('name: breaks\nstages:\n  - {name: one, run: "exit 3"}\n');
    const { stderr } = await project.pipeline('run', 'breaks');
    expect(stderr).toContain('breaks: STAGE_FAILED, a stage failed: one: exit code 3\n');
    const queue = await murmur8(['queue'], { cwd: project.root });
    const run = await lastRun('breaks');
    expect(queue.stdout).toContain(`murmur8 pipeline retry ${run} does it again`);
  });

  test('is one form of the command that goes on, whoever prints it', async () => {
    await project.register(`name: asks
stages:
  - {name: one, run: "true", requires_approval: true, approvers: [ann], approval_timeout: 1s}
`);
    expect((await project.pipeline('run', 'asks')).code).toBe(3);
    const run = await lastRun('asks');
    const resume = `murmur8 pipeline run --resume ${run}`;
    // The deadline passes with nobody there.
    await until(async () =>
      expect((await project.pipeline('status', run)).stdout).toContain(
        'it is rejected as soon as the run goes on',
      ),
    );
    expect((await project.pipeline('status', run)).stdout).toContain(`\n    ${resume}\n`);
    const queue = await murmur8(['queue'], { cwd: project.root });
    expect(queue.stdout).toContain(`the time to approve one has passed: ${resume}\n`);
    const listed = await murmur8(['approval', 'list', '--pending'], { cwd: project.root });
    expect(listed.stdout).toContain(resume);
    expect((await project.pipeline('run', '--resume', run)).code).toBe(5);
  });
});
