import { afterEach, beforeEach, expect, test } from 'vitest';
import { runListContract } from '../../src/interfaces/contract/run.ts';
import { type RunStatusDocument, runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { murmur8 } from '../rig/cli.ts';
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

async function text(): Promise<string> {
  return (await murmur8(['status'], { cwd: project.root })).stdout;
}

async function document(): Promise<RunStatusDocument> {
  const { stdout } = await murmur8(['status', '--json'], { cwd: project.root });
  return runStatusDocumentContract.parse(JSON.parse(stdout));
}

test('a rate that stopped a run is readable, exact for programs, and the times of the run are of all its parts', async () => {
  await project.register(`name: rates
limits: { retry_rate: 0.1, after_frames: 1 }
stages:
  - name: draw
    foreach: [a, b, c]
    run: test "$MURMUR8_ATTEMPT_NUMBER" -gt 1
    retries: 1
`);
  const stopped = await project.pipeline('run', 'rates');
  expect(stopped.code).toBe(4);
  expect(stopped.stderr).toContain('retry rate: 0.3333 of at most 0.1\n');
  expect(await text()).toContain('Stopped by: RETRY_RATE_EXCEEDED (threshold 0.1, actual 0.3333)\n');
  expect((await document()).details).toMatchObject({ actual_value: 1 / 3 });
  const run = await lastRun('rates');
  expect((await project.pipeline('run', '--resume', run, '--limit', 'retry_rate=1')).code).toBe(0);
  const { details, startedAt, endedAt } = await document();
  expect(details).toMatchObject({
    total_duration_ms: Date.parse(endedAt ?? '') - Date.parse(startedAt),
  });
});

test('what is to be typed next leads to what is wrong, not to logs that are not there', async () => {
  await project.register('name: list\nstages:\n  - {name: use, foreach: items.json, run: "echo ${item}"}\n');
  const failed = await project.pipeline('run', 'list');
  const run = await lastRun('list');
  const next = `correct the file that the message names, then murmur8 pipeline run --resume ${run}; a changed definition needs a new run\n`;
  expect(failed.stderr).toContain(`next: ${next}`);
  expect(await text()).toContain(`Next:       ${next}`);
  project.write('items.json', '["a"]');
  expect((await project.pipeline('run', '--resume', run)).code).toBe(0);
});

test('what a run that succeeded in part did not reach is said, with a command that works', async () => {
  await project.register(`name: packed
stages:
  - {name: draw, foreach: [a], run: "true"}
export: {location: out, run: 'echo 1 > "$MURMUR8_EXPORT/atlas"', validate: "echo sizes differ; exit 1"}
`);
  expect((await project.pipeline('run', 'packed')).code).toBe(0);
  expect(await text()).toMatch(
    /Validation: ❌ FAILED\n[\s\S]*\nMessage: .*the validation did not pass.*sizes differ\n/,
  );
  project.write('brief.md', '# Greeting\nA command line program that greets.\n');
  const feature = ['implement-feature', 'hello', '--brief', 'brief.md', '--runner', 'offline', '--no-commit'];
  expect((await murmur8(feature, { cwd: project.root })).code).toBe(0);
  expect((await document()).reason_code).toBe('PARTIAL_SUCCESS');
  const shown = await text();
  expect(shown).toMatch(/\nMessage: .*tests are still pending: T-1\n/);
  expect(shown).toContain('\nNext:       murmur8 trace hello lists what is pending\n');
});

test('an approval of a stage with frames is void once its items are others', async () => {
  project.write('items.json', '["a"]');
  await project.register(`name: gated
stages:
  - {name: ship, foreach: items.json, requires_approval: true, approvers: [ada], run: 'echo "\${item}" >> shipped'}
`);
  expect((await project.pipeline('run', 'gated')).code).toBe(3);
  const asked = (await document()).approvals?.[0]?.id ?? '';
  project.write('items.json', '["a", "sneaked in"]');
  await murmur8(['approval', 'approve', asked, '--as', 'ada'], { cwd: project.root });
  await until(() => expect(processesAbout(project.root)).toEqual([]));
  expect(project.lines('shipped')).toEqual([]);
  const again = await document();
  expect(again.reason_code).toBe('APPROVAL_PENDING');
  await murmur8(['approval', 'approve', again.approvals?.[0]?.id ?? '', '--as', 'ada'], {
    cwd: project.root,
  });
  await until(() => expect(processesAbout(project.root)).toEqual([]));
  expect(project.lines('shipped')).toEqual(['a', 'sneaked in']);
});
