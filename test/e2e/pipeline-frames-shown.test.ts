import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dryRunContract } from '../../src/interfaces/contract/dry-run.ts';
import { pipelineDetailsContract } from '../../src/interfaces/contract/pipeline.ts';
import { runDetailsContract, runLogsContract } from '../../src/interfaces/contract/run.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';

let project: PipelineProject;
beforeEach(async () => {
  project = createPipelineProject();
  await project.register(`
name: atlas
limits: {max_attempts: 50}
stages:
  - name: draw
    foreach: [one, two, three]
    run: |
      echo "drawing \${item}"
      [ "\${item}" != three ] || { echo "three cannot be drawn" >&2; exit 3; }
      echo "\${item} $MURMUR8_STRATEGY" > "\${item}.txt"
    audit: |
      [ "\${item}" != two ] || grep -q SNAP two.txt || { echo "two is too wide"; exit 1; }
    retry: {max: 1, on: [OUTPUT_INVALID], strategies: [SNAP]}
    on_failure: continue
export:
  location: out/\${run.id}
  run: cp one.txt two.txt "$MURMUR8_EXPORT" && echo packed
  validate: echo "not as it should be"; exit 1
`);
});
afterEach(() => project.remove());

describe('a pipeline with frames', () => {
  test('is shown with what is made of them, before anything runs', async () => {
    const shown = pipelineDetailsContract.parse(
      JSON.parse((await project.pipeline('show', 'atlas', '--json')).stdout),
    );
    expect(shown.limits).toEqual({ max_attempts: 50 });
    expect(shown.stages[0]).toMatchObject({
      foreach: ['one', 'two', 'three'],
      max_parallel: 1,
      audit: { agent_id: null, timeout_ms: 600_000 },
      strategies: [{ name: 'SNAP', task: null }],
    });
    expect(shown.export).toMatchObject({ location: 'out/${run.id}' });
    const dry = await project.pipeline('run', 'atlas', '--dry-run', '--json', '--limit', 'max_attempts=60');
    expect(dryRunContract.parse(JSON.parse(dry.stdout)).limits).toEqual({ max_attempts: 60 });
    for (const text of [
      (await project.pipeline('graph', 'atlas')).stdout,
      (await project.pipeline('show', 'atlas')).stdout,
      (await project.pipeline('run', 'atlas', '--dry-run')).stdout,
    ]) {
      expect(text).toContain('for each of one, two, three');
      expect(text).toContain('tried again with SNAP');
      expect(text.replace(/\s+/g, ' ')).toContain('made by $ cp one.txt two.txt');
    }
  });

  test('is told with its frames, its export and every log once it has run', async () => {
    const ended = await project.pipeline('run', 'atlas', '--json');
    expect(ended.code).toBe(0);
    const { run, metrics, stages, export: exported } = runDetailsContract.parse(JSON.parse(ended.stdout));
    expect(run.reason_code).toBe('PARTIAL_SUCCESS');
    expect(metrics).toMatchObject({
      total_frames: 3,
      frames_completed: 2,
      frames_failed: 1,
      total_attempts: 4,
    });
    expect(stages[0]?.frames.list).toMatchObject([
      { title: 'one', status: 'approved', attempts: 1, strategy: null },
      { title: 'two', status: 'approved', attempts: 2, strategy: 'SNAP' },
      { title: 'three', status: 'failed', attempts: 1, message: 'exit code 3: three cannot be drawn' },
    ]);
    expect(stages[0]?.attempts[1]).toMatchObject({ verdict: 'rejected', findings: ['two is too wide'] });
    expect(exported).toMatchObject({
      status: 'exported',
      files: ['one.txt', 'two.txt'],
      validation_passed: false,
    });

    const status = (await project.pipeline('status', run.id)).stdout;
    expect(status).toContain('Frames:    2 of 3 approved, 1 failed; 4 attempts, 33.3% of frames retried\n');
    expect(status).toContain('      frame 3 (three): failed; exit code 3: three cannot be drawn\n');
    expect(status).toContain(`\nExport:\n  out/${run.id}/: one.txt, two.txt\n  ✗ not valid\n`);

    const logs = runLogsContract.parse(
      JSON.parse((await project.pipeline('logs', run.id, '--json')).stdout),
    ).logs;
    expect(
      logs.map(({ job, frame, attempt, outcome, text }) => [job, frame, attempt, outcome, text]),
    ).toEqual([
      ['work', 0, 1, 'ok', 'drawing one\n'],
      ['audit', 0, 1, 'approved', null],
      ['work', 1, 1, 'ok', 'drawing two\n'],
      ['audit', 1, 1, 'rejected', 'two is too wide\n'],
      ['work', 1, 2, 'ok', 'drawing two\n'],
      ['audit', 1, 2, 'approved', null],
      ['work', 2, 1, 'failed', expect.stringContaining('three cannot be drawn')],
      ['export', null, null, 'ok', 'packed\n'],
      ['validate', null, null, 'failed', 'not as it should be\n'],
    ]);
    const only = await project.pipeline('logs', run.id, 'export');
    expect(only.stdout).toBe(
      '── export · making · ok\npacked\n── export · validating · failed\nnot as it should be\n',
    );
    expect((await project.pipeline('logs', run.id, 'draw', '--attempt', '2')).stdout).toContain(
      '── draw · frame 2, attempt 2 (SNAP) · ok\n',
    );
  });
});
