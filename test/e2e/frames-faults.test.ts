import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunStatusDocument } from '../../src/interfaces/contract/status.ts';
import { runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { type Ended, murmur8, type Started } from '../rig/cli.ts';
import { createGatedProject, type GatedProject } from '../rig/gated-project.ts';
import { createDisturbedFrames, type DisturbedFrames, type FramePhase } from '../rig/killed-frames.ts';
import { spread } from '../rig/killed-run.ts';
import { processesAbout } from '../rig/processes-about.ts';
import { until } from '../rig/until.ts';

const PRELOAD = fileURLToPath(new URL('../rig/crash-at.cjs', import.meta.url));
const EXIT_STOPPED = 4;
const EXIT_CONFLICT = 7;

// A sample; test/full takes every point.
describe('a run of frames with audits, failures and an export comes to the same end', () => {
  let frames: DisturbedFrames;
  beforeAll(async () => {
    frames = await createDisturbedFrames();
  });
  afterAll(() => frames?.remove());

  test.each<[FramePhase, number]>([
    ['run', 6],
    ['resume', 3],
  ])(
    'killed at any change of a file, and makes nothing again that was approved: %s',
    async (phase, points) => {
      expect(frames.changes[phase]).toBeGreaterThan(60);
      for (const point of spread(frames.changes[phase], points)) await frames.kill(phase, point);
    },
    120_000,
  );

  test.each<[string, FramePhase, number, number | undefined]>([
    ['ENOSPC', 'run', 4, undefined],
    ['EROFS', 'resume', 2, undefined],
    ['EIO', 'run', 3, 1],
  ])(
    'on a disk that fails with %s, and then works again: %s',
    async (code, phase, points, times) => {
      // Between the first change and the last: in the midst of frames.
      for (const point of spread(frames.changes[phase], points + 2).slice(1, -1))
        await frames.fail(phase, point, code, times);
    },
    120_000,
  );
});

/** Four frames, three at a time, that note their work; all but the first hang until somebody says go. */
const HELD = `
name: held
stages:
  - name: draw
    foreach: [one, two, three, four]
    max_parallel: 3
    run: echo "$MURMUR8_ITEM" >> made; [ "$MURMUR8_ITEM" = one ] || [ -e go ] || exec sleep 1000
    audit: '[ "$MURMUR8_ITEM" = one ] || [ -e go ] || exec sleep 1000'
`;

describe('frames in flight', () => {
  let project: GatedProject;
  afterEach(() => {
    const [id = 'none'] = project.runs();
    expect([aliveWith(id), processesAbout(project.root)]).toEqual([[], []]);
    project.remove();
  });

  async function status(): Promise<RunStatusDocument> {
    const { stdout } = await murmur8(['status', '--json'], { cwd: project.root });
    return runStatusDocumentContract.parse(JSON.parse(stdout));
  }

  function resume(...more: string[]): Promise<Ended> {
    return project.pipeline('run', '--resume', project.runs()[0] ?? '', ...more);
  }

  /** The run with its first frame approved and three others at work. */
  async function underWay(...more: string[]): Promise<Started> {
    project = createGatedProject();
    await project.register(HELD);
    const started = project.startPipeline('run', 'held', ...more);
    await until(async () => {
      expect(project.lines('made')).toHaveLength(4);
      expect((await status()).metrics.frames_completed).toBe(1);
    });
    return started;
  }

  async function goesOnToItsEnd(): Promise<void> {
    project.write('go', '');
    const done = await resume();
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
    expect([...project.lines('made')].sort()).toEqual(
      ['four', 'four', 'one', 'three', 'three', 'two', 'two'].sort(),
    );
  }

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('are ended by %s, all of them, and made again afterwards', async (signal, code) => {
    const { child, ended } = await underWay();
    child.kill(signal);
    expect((await ended).code).toBe(code);
    expect(processesAbout(project.root)).toEqual([]);
    expect(await status()).toMatchObject({
      status: 'stopped',
      reason_code: 'USER_INTERRUPT',
      metrics: { frames_completed: 1, frames_failed: 0, frames_remaining: 3 },
    });
    await goesOnToItsEnd();
  });

  test('that outlive their owner are ended by whoever goes on', async () => {
    const { child, ended } = await underWay();
    const [id = ''] = project.runs();
    child.kill('SIGKILL');
    await ended;
    expect(aliveWith(id).length).toBeGreaterThanOrEqual(3);
    expect(await status()).toMatchObject({
      status: 'failed',
      reason_code: 'SYS_OWNER_LOST',
      metrics: { frames_completed: 1, frames_remaining: 3 },
      stages: [{ name: 'draw', status: 'interrupted', done: 1 }],
    });
    await goesOnToItsEnd();
    expect((await status()).metrics).toMatchObject({ frames_completed: 4, total_attempts: 7 });
  });

  test('are shown, and not gone on with, where nothing can be written', async () => {
    const { child, ended } = await underWay();
    child.kill('SIGKILL');
    await ended;
    const [id = ''] = project.runs();
    const journal = project.read(`.claude/runs/${id}/journal.jsonl`);
    const onReadOnlyDisk = {
      cwd: project.root,
      node: ['--require', PRELOAD],
      env: { MURMUR8_RIG_UNDER: project.stateDir, MURMUR8_RIG_FAIL_CODE: 'EROFS', MURMUR8_RIG_FAIL_AT: '1' },
    };
    const shown = await murmur8(['status'], onReadOnlyDisk);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('SYS_OWNER_LOST')]);
    const refused = await murmur8(['pipeline', 'run', '--resume', id], onReadOnlyDisk);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('EROFS');
    expect(refused.stderr).toContain(project.stateDir);
    expect(refused.stderr).not.toContain('internal error');
    expect(project.read(`.claude/runs/${id}/journal.jsonl`)).toBe(journal);
    await goesOnToItsEnd();
  });

  test('go on under the limits that were said last, also after another kill', async () => {
    const { child, ended } = await underWay('--limit', 'max_attempts=4');
    child.kill('SIGKILL');
    await ended;
    const second = project.startPipeline(
      'run',
      '--resume',
      project.runs()[0] ?? '',
      '--limit',
      'max_attempts=60',
    );
    await until(() => expect(project.lines('made')).toHaveLength(7));
    second.child.kill('SIGKILL');
    await second.ended;
    project.write('go', '');
    const done = await resume();
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
    expect(project.lines('made').filter((item) => item === 'one')).toEqual(['one']);
  });

  test('have one owner: of two that go on at once one is refused with the name of the other', async () => {
    const { child, ended } = await underWay();
    child.kill('SIGKILL');
    await ended;
    const [id = ''] = project.runs();
    const both = [1, 2].map(() => project.startPipeline('run', '--resume', id));
    const first = await Promise.race(both.map(async (started) => ({ started, ended: await started.ended })));
    const [winner] = both.filter((started) => started !== first.started);
    expect([first.ended.code, first.ended.stderr]).toEqual([
      EXIT_CONFLICT,
      expect.stringContaining(String(winner?.child.pid)),
    ]);
    // Three that are made again; what was approved is not.
    await until(() => expect(project.lines('made')).toHaveLength(7));
    expect(await status()).toMatchObject({ status: 'in-progress', owner: { pid: winner?.child.pid } });
    winner?.child.kill('SIGTERM');
    expect((await winner?.ended)?.code).toBe(143);
    project.write('go', '');
    expect((await resume()).code).toBe(0);
    expect(project.lines('made').filter((item) => item === 'one')).toEqual(['one']);
  });
});

describe('a run that succeeded in part', () => {
  let project: GatedProject;
  afterEach(() => project.remove());

  test('is tried again in what failed, as often as wanted; what was approved stays, and the export is made anew', async () => {
    project = createGatedProject();
    await project.register(`
name: partly
stages:
  - name: draw
    foreach: [one, two, three]
    run: echo "$MURMUR8_ITEM" >> made; [ "$MURMUR8_ITEM" != two ] || [ -e go ]
    on_failure: continue
  - {name: tell, run: echo told >> made}
export: {location: out, run: 'sort -u made > "$MURMUR8_EXPORT/all"', files: all}
`);
    const first = await project.pipeline('run', 'partly');
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('PARTIAL_SUCCESS')]);
    const [id = ''] = project.runs();
    const second = await project.pipeline('retry', id);
    expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('PARTIAL_SUCCESS')]);
    project.write('go', '');
    const third = await project.pipeline('retry', id);
    expect([third.code, third.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
    expect(project.lines('made')).toEqual(['one', 'two', 'three', 'told', 'two', 'two']);
    const { stages, run } = await project.details(id);
    expect(run).toMatchObject({ status: 'succeeded', with_warnings: false });
    expect(stages[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['ok', 'failed', 'failed', 'ok', 'ok']);
    // Nothing is left to be tried again.
    expect((await project.pipeline('retry', id)).code).toBe(EXIT_CONFLICT);
  });
});

describe('work that falls silent', () => {
  let project: GatedProject;
  afterEach(() => {
    expect(processesAbout(project.root)).toEqual([]);
    project.remove();
  });

  test('after it has printed for longer than that is ended, tried once more, and stops the run', async () => {
    project = createGatedProject();
    await project.register(`
name: silent
stages:
  - name: draw
    foreach: [one, two]
    retries: 5
    limits: {stall_timeout: 1s}
    run: |
      echo "$MURMUR8_ITEM" >> made
      if [ "$MURMUR8_ITEM" = two ]; then
        for stroke in 1 2 3 4 5 6 7; do echo "stroke $stroke"; sleep 0.2; done
        [ -e go ] || exec sleep 1000
      fi
`);
    const stopped = await project.pipeline('run', 'silent');
    expect([stopped.code, stopped.stderr]).toEqual([EXIT_STOPPED, expect.stringContaining('STALLED')]);
    expect(processesAbout(project.root)).toEqual([]);
    const shown = await murmur8(['status', '--json'], { cwd: project.root });
    const { details, ...status } = runStatusDocumentContract.parse(JSON.parse(shown.stdout));
    expect(status).toMatchObject({ status: 'stopped', reason_code: 'STALLED' });
    expect(details).toMatchObject({ stop_condition: 'STALLED', threshold: 1_000, frames_remaining: 1 });
    expect('actual_value' in details && details.actual_value).toBeGreaterThanOrEqual(1_000);
    const attempts = project.journal().filter(({ type }) => type === 'attempt.generated');
    expect(attempts).toMatchObject([{ outcome: 'ok' }, { outcome: 'stalled' }, { outcome: 'stalled' }]);
    // It was not ended while it printed.
    const log = project.filesBelow('.claude/runs').find((file) => file.endsWith('/1-2.log'));
    expect(log === undefined ? '' : project.read(log)).toContain('stroke 7');
    project.write('go', '');
    const [id = ''] = project.runs();
    const done = await project.pipeline('run', '--resume', id);
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
    expect(project.lines('made')).toEqual(['one', 'two', 'two', 'two']);
  });

  test('while it checks is asked once more, then stops the run; going on, only the check is made again', async () => {
    project = createGatedProject();
    await project.register(`
name: silent
stages:
  - name: draw
    foreach: [one]
    run: echo "$MURMUR8_ITEM" >> made
    audit: echo looked >> looks; [ -e go ] || exec sleep 1000
    retries: 3
    limits: {stall_timeout: 1s}
`);
    const stopped = await project.pipeline('run', 'silent');
    expect([stopped.code, stopped.stderr]).toEqual([EXIT_STOPPED, expect.stringContaining('STALLED')]);
    expect(processesAbout(project.root)).toEqual([]);
    const events = project.journal().filter(({ type }) => ['audit.failed', 'run.stopped'].includes(type));
    expect(events).toMatchObject([
      { outcome: 'stalled' },
      { outcome: 'stalled' },
      { type: 'run.stopped', code: 'STALLED', threshold: 1_000 },
    ]);
    project.write('go', '');
    const [id = ''] = project.runs();
    const done = await project.pipeline('run', '--resume', id);
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_FRAMES_APPROVED')]);
    expect([project.lines('made'), project.lines('looks')]).toEqual([
      ['one'],
      ['looked', 'looked', 'looked'],
    ]);
  });
});
