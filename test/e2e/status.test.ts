import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/interfaces/cli/report/table.ts';
import { type RunStatusDocument, runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { BIN, MACHINE, murmur8, start } from '../rig/cli.ts';
import { createPipelineProject } from '../rig/pipeline-project.ts';
import {
  aPipeline,
  approved,
  aStage,
  BEGINNING,
  begun,
  created,
  generated,
  rejected,
  started,
} from '../rig/run-builder.ts';
import { createRunsPlace, type RunsPlace, type StoredTestRun } from '../rig/stored-run.ts';
import { hasTerminals, openTerminal } from '../rig/terminal.ts';
import { until } from '../rig/until.ts';

const RUN = 'e1000000-0000-4000-8000-000000000001';
const OTHER = 'e1ffffff-0000-4000-8000-000000000002';
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

let place: RunsPlace;
beforeEach(() => {
  place = createRunsPlace();
});
afterEach(() => place.remove());

/** Eight frames: one approved, one rejected, the third at its second attempt. */
function working(id = RUN, name = 'draw'): StoredTestRun {
  const run = place.begin(id, created(aPipeline([aStage('frames')], { name })), {
    type: 'segment.started',
    previousRunId: null,
  });
  run.tell(started('frames', 8));
  run.tell(begun('frames'), generated('frames'), approved('frames'));
  const second = { frame: 1, attempt: 1 };
  run.tell(begun('frames', second), generated('frames', second), rejected('frames', second));
  run.tell({ type: 'frame.failed', stage: 'frames', ...second, status: 'rejected', code: 'OUTPUT_INVALID' });
  const third = { frame: 2, attempt: 1 };
  run.tell(begun('frames', third), generated('frames', third), rejected('frames', third));
  run.tell(begun('frames', { frame: 2, attempt: 2 }));
  return run;
}

function ends(run: StoredTestRun): void {
  run.tell({ type: 'stage.finished', stage: 'frames', status: 'failed', code: 'OUTPUT_INVALID' });
  run.tell({ type: 'run.finished', status: 'failed', code: 'OUTPUT_INVALID', message: 'frame 2 drifts' });
}

function status(...words: string[]) {
  return murmur8(['status', ...words], { cwd: place.root });
}

async function document(...words: string[]): Promise<RunStatusDocument> {
  return runStatusDocumentContract.parse(JSON.parse((await status(...words, '--json')).stdout));
}

describe('murmur8 status', () => {
  test('shows the newest run in the layout of the seed, and what to type next', async () => {
    working();
    const { code, stdout, stderr } = await status();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/\d+d \d+h \d+m \d+s/, '(time)').split('\n')).toEqual(
      expect.arrayContaining([
        `📊 Run Status: ${RUN}`,
        'Status:     🔄 in-progress (GENERATING)',
        'Frame:      3 of 8 (Attempt 2)',
        'Elapsed:    (time)',
        'Progress:   [████░░░░░░░░░░░░] 25.0%',
        '  Completed:  1/8 frames',
        '  Failed:     1/8 frames',
        '  Attempts:   4 total',
        '  Retry Rate: 12.5%',
        `Next:       murmur8 pipeline logs ${RUN} --follow`,
      ]),
    );
    expect(stdout).not.toMatch(CONTROLS);
  });

  test('is one document for programs, the same whether or not the run is named', async () => {
    const run = working();
    const shown = await document();
    expect(shown).toMatchObject({
      executionId: RUN,
      pipeline: 'draw',
      run_status: 'running',
      status: 'in-progress',
      metrics: {
        total_frames: 8,
        frames_completed: 1,
        frames_failed: 1,
        total_attempts: 4,
        retry_rate: 0.125,
      },
      details: { current_frame_index: 2, current_attempt: 2 },
      owner: { state: 'held', pid: process.pid },
    });
    expect((await document('e1')).metrics).toEqual(shown.metrics);
    ends(run);
    run.leave();
    expect(await document(RUN)).toMatchObject({
      status: 'failed',
      reason_code: 'OUTPUT_INVALID',
      details: { error_type: 'audit', error_code: 'OUTPUT_INVALID' },
      owner: { state: 'free' },
    });
  });

  test('lets nothing steer a terminal that a run says of itself', async () => {
    const run = working();
    const evil = '\x1b]0;owned\x07\x1b[2Jgone\x9b31m\u202e';
    run.tell({
      type: 'stage.finished',
      stage: 'frames',
      status: 'failed',
      code: 'STAGE_FAILED',
      message: evil,
    });
    run.tell({ type: 'run.finished', status: 'failed', code: 'STAGE_FAILED', message: evil });
    run.leave();
    for (const words of [[], ['--json'], [`x${evil}`], ['--watch'], ['--watch', '--json']]) {
      const { stdout, stderr } = await status(...words);
      expect(stdout + stderr, words.join(' ')).not.toMatch(CONTROLS);
    }
    expect((await document()).message).toContain('gone');
  });
});

describe('a run that there is not', () => {
  test('is answered with exit code 6 and the nearest ones', async () => {
    working();
    const typo = await status('e1000001');
    expect(typo).toMatchObject({ code: 6, stdout: '' });
    expect(typo.stderr).toContain(`did you mean ${RUN}?`);
    const name = await status('drwa');
    expect(name.code).toBe(6);
    expect(name.stderr).toContain(`did you mean draw? its newest run is ${RUN}`);
  });

  test('is what there are none of in a new project', async () => {
    expect(await status()).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('there are no runs yet'),
    });
  });

  test('is none where a beginning fits two: both are named', async () => {
    working();
    working(OTHER, 'release');
    const both = await status('e1');
    expect(both.code).toBe(2);
    for (const named of [`${RUN} (draw)`, `${OTHER} (release)`]) expect(both.stderr).toContain(named);
  });
});

describe('files that are damaged', () => {
  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['torn', '{"v":1,"exec'],
    ['of an older form', '{"v":0}'],
  ])(
    'a status document that is %s is made out of the journal with a warning, and not written',
    async (_, text) => {
      const run = working();
      const file = join(run.directory, 'state.json');
      const before = await document(RUN);
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      const files = readdirSync(run.directory);
      const { code, stdout, stderr } = await status(RUN, '--json');
      expect(code).toBe(0);
      const { details: _details, status_history: _history, ...rest } = before;
      expect(runStatusDocumentContract.parse(JSON.parse(stdout))).toMatchObject(rest);
      expect(stderr).toContain(`${file}: `);
      expect(stderr).toContain('made out of the journal');
      expect(readdirSync(run.directory)).toEqual(files);
      if (text !== undefined) expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  test('a damaged journal is named by file and line, with exit code 1 and a next step', async () => {
    const run = working();
    const other = working(OTHER, 'release');
    run.leave();
    const file = join(run.directory, 'journal.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\n[^\n]*\n/, '\n\0\0\0\n'));
    const known = await status(RUN);
    expect(known.code).toBe(1);
    expect(known.stderr).toContain(`${file}:2: `);
    expect(known.stderr).toMatch(/SYS_STATE_CORRUPT[\s\S]*hint: /);
    expect(known.stdout).toContain('failed (SYS_STATE_CORRUPT)');
    expect(known.stdout).toContain('Next:       restore the file named from a backup');
    rmSync(join(run.directory, 'state.json'));
    expect(await status(RUN)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`${file}:2: `),
    });
    expect(await status(other.executionId)).toMatchObject({ code: 0, stderr: '' });
    utimesSync(file, new Date(), new Date(Date.now() + 60_000));
    const newest = await status();
    expect(newest).toMatchObject({ code: 0, stderr: expect.stringContaining(`${file}:2: `) });
    expect(newest.stdout).toContain(OTHER);
  });

  test('a directory that holds no run is none', async () => {
    working();
    mkdirSync(join(place.stateDir, 'runs/e2-empty'));
    writeFileSync(join(place.stateDir, 'runs/stray'), '');
    expect(await status()).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('--watch into a pipe', () => {
  test('prints one document a line after every change, until the run ends', async () => {
    const run = working();
    const watching = start(['status', RUN, '--watch', '--json'], { cwd: place.root });
    const lines = () => watching.stdout().split('\n').slice(0, -1);
    await until(() => expect(lines()).toHaveLength(1));
    run.tell(generated('frames', { frame: 2, attempt: 2 }), approved('frames', { frame: 2, attempt: 2 }));
    await until(() => expect(lines()).toHaveLength(2));
    ends(run);
    const { code, stderr } = await watching.ended;
    expect([code, stderr]).toEqual([0, '']);
    const documents = lines().map((line) => runStatusDocumentContract.parse(JSON.parse(line)));
    expect(documents.slice(0, 2).map(({ metrics }) => metrics.frames_completed)).toEqual([1, 2]);
    expect(documents.at(-1)).toMatchObject({ status: 'failed', reason_code: 'OUTPUT_INVALID' });
  });

  test('goes on while the run waits, follows the run that it began with, and ends with its owner', async () => {
    const run = working();
    run.tell(generated('frames', { frame: 2, attempt: 2, question: 'which palette?' }));
    const watching = start(['status', '--watch'], { cwd: place.root });
    await until(() => expect(watching.stdout()).toContain('Question:   which palette?'));
    working(OTHER, 'release');
    run.tell({ type: 'question.answered', stage: 'frames', frame: 2, attempt: 2, answer: 'the old one' });
    await until(() => expect(watching.stdout().match(/Run Status/g)).toHaveLength(2));
    run.leave();
    const { code, stdout } = await watching.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('failed (SYS_OWNER_LOST)');
    expect(stdout).not.toContain(OTHER);
    expect(stdout).not.toMatch(CONTROLS);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with exit code %d', async (signal, code) => {
    working();
    const watching = start(['status', '--watch'], { cwd: place.root });
    await until(() => expect(watching.stdout()).toContain('Run Status'));
    watching.child.kill(signal);
    expect((await watching.ended).code).toBe(code);
  });
});

describe('colour', () => {
  test.each([
    ['in a pipe', {}, false],
    ['in a pipe that is to have it', { NO_COLOR: '', FORCE_COLOR: '1' }, true],
    ['where nobody wants it', { NO_COLOR: '1' }, false],
  ])('%s', async (_, env, isColoured) => {
    working();
    const { stdout } = await murmur8(['status'], { cwd: place.root, env });
    expect(stdout.includes('\x1b[33m🔄 in-progress (GENERATING)\x1b[39m')).toBe(isColoured);
    expect(stdout).toContain('in-progress (GENERATING)');
  });
});

describe.skipIf(!hasTerminals())('on a terminal', () => {
  /** What a terminal of 60 columns was sent. */
  function shown(words: string, env: Readonly<Record<string, string>>): string {
    const line = `stty cols 60 rows 20; exec '${process.execPath}' '${BIN}' status ${words}`;
    const done = spawnSync('script', ['-qec', line, '/dev/null'], {
      cwd: place.root,
      encoding: 'utf8',
      env: { ...MACHINE, SHELL: '/bin/sh', ...env },
    });
    return done.stdout.replaceAll('\r\n', '\n');
  }

  test('of 60 columns no line is longer, and no word is lost', () => {
    const run = working();
    ends(run);
    run.leave();
    const text = shown('', { TERM: 'xterm', NO_COLOR: '' });
    expect(text).toContain('\x1b[31m❌ failed (OUTPUT_INVALID)\x1b[39m');
    const plain = text.replace(/\x1b\[\d+m/g, '');
    expect(plain).not.toMatch(CONTROLS);
    for (const line of plain.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(60);
    expect(plain.replace(/\s/g, '')).toContain(`murmur8pipelineretry${RUN}doesitagain`);
  });

  test('that is dumb has neither colour nor drawing', () => {
    const run = working();
    ends(run);
    run.leave();
    for (const words of ['', '--watch']) {
      const text = shown(words, { TERM: 'dumb', NO_COLOR: '' });
      expect(text).toContain('failed (OUTPUT_INVALID)');
      expect(text).not.toMatch(CONTROLS);
    }
  });

  test('--watch draws in place, and Ctrl+C gives the cursor back', async () => {
    const run = working();
    const terminal = openTerminal(['status', '--watch'], { cwd: place.root });
    await terminal.until('(GENERATING)');
    run.tell(generated('frames', { frame: 2, attempt: 2 }), approved('frames', { frame: 2, attempt: 2 }));
    await terminal.until('2/8 frames');
    terminal.type('\x03');
    expect(await terminal.ended).toBe(130);
    const text = terminal.shown();
    expect(text).toContain('\x1b[?25l');
    expect(text.trimEnd().endsWith('\x1b[?25h')).toBe(true);
    expect(text).toMatch(/\x1b\[\d+A/);
  });
});

describe('a run that is killed', () => {
  test('is shown without its owner, with its log and the command that brings it to its end', async () => {
    const project = createPipelineProject();
    try {
      await project.register(
        'name: waits\nstages:\n  - name: wait\n    run: echo begun; while [ ! -e go ]; do sleep 0.05; done\n',
      );
      const driving = project.startPipeline('run', 'waits');
      const look = async () =>
        runStatusDocumentContract.parse(
          JSON.parse((await murmur8(['status', '--json'], { cwd: project.root })).stdout),
        );
      const log = () => project.read(`.claude/runs/${project.runs()[0]}/logs/wait/0-1.log`);
      await until(() => expect(log()).toContain('begun'));
      driving.child.kill('SIGKILL');
      await driving.ended;
      const lost = await look();
      expect(lost).toMatchObject({
        status: 'failed',
        reason_code: 'SYS_OWNER_LOST',
        run_status: 'failed',
        next: `murmur8 pipeline run --resume ${lost.executionId}`,
        details: { error_type: 'system', diagnostic_path: expect.stringMatching(/logs\/wait\/0-1\.log$/) },
        stages: [{ name: 'wait', status: 'interrupted' }],
      });
      project.write('go', '');
      const [, ...words] = lost.next.split(' ');
      expect((await murmur8(words, { cwd: project.root })).code).toBe(0);
      expect(await look()).toMatchObject({ status: 'completed', reason_code: 'ALL_STAGES_SUCCEEDED' });
    } finally {
      project.remove();
    }
  });
});

describe('the package', () => {
  test('gives the same status out of a journal, and the same text, to programs that import it', async () => {
    const run = working();
    const script = `
      import { readFileSync } from 'node:fs';
      import { calculateRunStatus, formatStatusForCLI, replay } from ${JSON.stringify(join(BIN, '../../dist/index.js'))};
      const lines = readFileSync(${JSON.stringify(join(run.directory, 'journal.jsonl'))}, 'utf8').trimEnd().split('\\n');
      const state = replay(lines.map((line) => JSON.parse(line)));
      const status = calculateRunStatus(state, ${BEGINNING + 60_000});
      const own = calculateRunStatus(state);
      console.log(JSON.stringify({ status, at: own.details.elapsed_time_ms, text: formatStatusForCLI(status, { runId: 'abc123' }), bare: formatStatusForCLI(status) }));
    `;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(ran.stderr).toBe('');
    const { status: seen, at, text, bare } = JSON.parse(ran.stdout);
    const { metrics, reason_code } = await document(RUN);
    expect(seen).toMatchObject({ metrics, reason_code, details: { elapsed_time_ms: 60_000 } });
    expect(at).toBeLessThan(60_000);
    expect(text).toContain('📊 Run Status: abc123\n');
    expect(text).toContain('Elapsed:    1m 0s\n');
    expect(bare).toContain('📊 Run Status:\n');
  });
});
