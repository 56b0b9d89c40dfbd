import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FailedDetails } from '../../src/core/status/run-status.ts';
import { bundleProgram } from '../rig/bundle.ts';
import { type Ended, MACHINE, murmur8 } from '../rig/cli.ts';
import { createGatedProject, type GatedProject } from '../rig/gated-project.ts';
import { stateDocument } from '../rig/state-document.ts';

const IN_ENVIRONMENT = 'env-planted-8c1f0ab6e1d34e5f';
const IN_DOTENV = 'dotenv-planted-77aa01c2b3d4e5f6';
const LIKE_A_KEY = 'sk-planted0123456789abcdefghij';

let project: GatedProject;
beforeEach(() => {
  project = createGatedProject();
  project.write('.env', `PLANTED_TOKEN=${IN_DOTENV}\n`);
});
afterEach(() => project.remove());

/** Registers one stage and runs it; `env` is added to the environment of the program. */
async function running(command: string, env: Record<string, string> = {}): Promise<Ended> {
  project.write('command.sh', command);
  await project.register('name: one\nstages: [{name: only, run: sh command.sh}]\n');
  return murmur8(['pipeline', 'run', 'one'], { cwd: project.root, env });
}

/** What readers are told of the only run, which has failed. */
function failed() {
  const [run = ''] = project.runs();
  const document = stateDocument.parse(JSON.parse(project.read(`.claude/runs/${run}/state.json`)));
  expect([document.phase, document.status.status]).toEqual(['failed', 'failed']);
  const details = document.status.details as FailedDetails;
  return { run, document, details, path: details.diagnostic_path ?? '' };
}

/** Lines below a title of a diagnostic. */
function section(path: string, title: string): string[] {
  const [, rest = ''] = readFileSync(path, 'utf8').split(`${title}\n`);
  return (rest.split('\n\n')[0] ?? '').split('\n').map((line) => line.trim());
}

describe('a run that fails leaves a file', () => {
  test('that says what failed, what to type, what was printed last, and on what it ran', async () => {
    const ended = await running('for i in $(seq 300); do echo line $i; done; echo no paper >&2; exit 7', {
      HARMLESS: 'value-of-harmless',
    });
    expect(ended.code).toBe(1);
    const { run, details, path } = failed();
    expect(details).toMatchObject({ error_type: 'audit', error_code: 'STAGE_FAILED' });
    expect(path).toBe(project.path('.claude/runs', run, 'diagnostics', `${run}.txt`));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(section(path, 'What failed')).toEqual(
      expect.arrayContaining([
        `Run:       ${run}`,
        'Pipeline:  one',
        'Stage:     only',
        'Attempt:   1 by command (command), ended failed, exit code 7',
        'Code:      STAGE_FAILED, a stage failed',
        expect.stringMatching(/^Message: .*no paper/),
      ]),
    );
    expect(section(path, 'What to type next')[0]).toContain(`murmur8 pipeline retry ${run}`);
    const printed = section(path, 'What it printed last');
    expect(printed).toContain('| line 300');
    expect(printed).not.toContain('| line 1');
    expect(printed.filter((line) => line.startsWith('|')).length).toBeLessThanOrEqual(200);
    const versions = section(path, 'Versions').join('\n');
    expect(versions).toMatch(
      /^murmur8: +\d+\.\d+\.\d+.*\nnode: +v\d+.*\nsystem: +\S+ \S+, .*\ngit: +\d+\.\d+/,
    );
    expect(section(path, 'Names of the variables in the environment')).toContain('HARMLESS');
    expect(readFileSync(path, 'utf8')).not.toContain('value-of-harmless');
  });

  test('in which no secret stands, whether planted in the environment, in .env or in what is printed', async () => {
    const ended = await running(
      [
        `tr '\\0' '\\n' < /proc/$PPID/environ; tr '\\0' '\\n' < /proc/$(ps -o ppid= -p $PPID | tr -d ' ')/environ`,
        `cat .env; echo key ${LIKE_A_KEY.slice(0, 9)}""${LIKE_A_KEY.slice(9)}`,
        `printf '${IN_ENVIRONMENT.slice(0, 8)}\\033[31m${IN_ENVIRONMENT.slice(8)}\\033[0m\\007\\n'`,
        `{ cat .env; echo ${IN_ENVIRONMENT}; } >&2; exit 9`,
      ].join('\n'),
      { PLANTED_API_KEY: IN_ENVIRONMENT },
    );
    expect(ended.code).toBe(1);
    const { path } = failed();
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('PLANTED_API_KEY');
    expect(text).toContain('***');
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    const written = project.filesBelow('.claude').map((name) => project.read(name));
    for (const secret of [IN_ENVIRONMENT, IN_DOTENV, LIKE_A_KEY])
      for (const output of [...written, ended.stdout, ended.stderr]) expect(output).not.toContain(secret);
  });

  test('before anybody sees the failure', async () => {
    project.write('command.sh', 'exit 3');
    await project.register('name: one\nstages: [{name: only, run: sh command.sh}]\n');
    const started = project.startPipeline('run', 'one');
    let isOver = false;
    void started.ended.then(() => {
      isOver = true;
    });
    const paths = new Set<string>();
    const look = (): void => {
      const file = `.claude/runs/${project.runs()[0]}/state.json`;
      if (!project.has(file)) return;
      const { status } = JSON.parse(project.read(file));
      if (status.status !== 'failed') return;
      expect(status.details.diagnostic_path).toMatch(/\/diagnostics\/[^/]+\.txt$/);
      expect(existsSync(status.details.diagnostic_path)).toBe(true);
      paths.add(status.details.diagnostic_path);
    };
    while (!isOver) {
      look();
      await breathe();
    }
    look();
    expect(paths.size).toBe(1);
  });

  test('for each segment its own', async () => {
    await running('exit 3');
    const first = failed();
    expect((await project.pipeline('resume', first.run)).code).toBe(1);
    const second = failed();
    expect(second.document.runId).not.toBe(first.document.runId);
    expect(section(second.path, 'What failed')).toContain(`Segment:   ${second.document.runId}`);
    expect([existsSync(first.path), existsSync(second.path)]).toEqual([true, true]);
    const kinds = project.journal(first.run).map(({ type }) => type);
    expect(kinds.filter((type) => type === 'diagnostic.written')).toHaveLength(2);
  });

  test('when an approval is rejected and nobody drives it', async () => {
    await project.register(
      'name: gated\nstages: [{name: only, run: "true", requires_approval: true, approvers: [ann]}]\n',
    );
    const run = await project.runToGate('gated');
    const gate = await project.gateOf(run, 'only');
    await project.as('ann', 'approval', 'reject', gate.id, '--reason', 'too early');
    const document = JSON.parse(project.read(`.claude/runs/${run}/state.json`));
    expect(document.status).toMatchObject({ status: 'failed', reason_code: 'APPROVAL_REJECTED' });
    const path = document.status.details.diagnostic_path;
    expect(section(path, 'What failed').join('\n')).toContain('APPROVAL_REJECTED');
    expect(section(path, 'What it printed last')).toEqual(['']);
  });

  test('of a feature, which is named at the end', async () => {
    const ended = await murmur8(
      ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'command:echo nothing; exit 5'],
      { cwd: project.root },
    );
    expect(ended.code).toBe(1);
    const [, path = ''] = /^diagnostic: (.*)$/m.exec(ended.stderr) ?? [];
    const what = section(path, 'What failed').join('\n');
    expect(what).toMatch(/^Pipeline: .*feature greeting$/m);
    expect(what).toMatch(/^Stage: +alex$/m);
    expect(section(path, 'What to type next')[0]).toContain('murmur8 resume');
  });
});

test('a run that pauses or succeeds leaves none', async () => {
  await running('true');
  const [run = ''] = project.runs();
  expect(project.has(`.claude/runs/${run}/diagnostics`)).toBe(false);
});

test('a file that cannot be written costs a warning; the run fails as it would have, and the log is named', async () => {
  const ended = await running(
    'for run in .claude/runs/*; do : > "$run/diagnostics"; done; echo said; exit 3',
  );
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('the details of the failure are not kept: cannot write the diagnostic');
  const { run, details, path } = failed();
  expect(details.error_code).toBe('STAGE_FAILED');
  expect(path).toBe(project.path('.claude/runs', run, 'logs/only/0-1.log'));
  expect(project.lines('.claude/pipelines/history.jsonl')).toHaveLength(1);
});

describe('where an exception was behind it', () => {
  /** Leaves the next stage no place to work in. */
  const SPOIL = 'for run in .claude/runs/*; do rm -rf "$run/home"; ln -s /nowhere/at/all "$run/home"; done';

  async function spoiled(env: Record<string, string>) {
    await project.register(
      `name: two\nstages:\n  - {name: first, run: '${SPOIL}'}\n  - {name: next, run: "true", depends_on: [first]}\n`,
    );
    const ended = await murmur8(['pipeline', 'run', 'two'], { cwd: project.root, env });
    expect(ended.code).toBe(1);
    return { ...failed(), ended };
  }

  test('its stack trace is for developers of the program', async () => {
    const { details, path } = await spoiled({ MURMUR8_DEV: '1' });
    expect(details).toMatchObject({ error_type: 'system', error_code: 'SYS_WRITE_ERROR' });
    expect(details.stack_trace).toMatch(/\n +at /);
    expect(section(path, 'Stack trace').join('\n')).toMatch(/\nat /);
  });

  test('and for nobody else', async () => {
    const { details, path, ended } = await spoiled({});
    expect(details).toMatchObject({ error_type: 'system', error_code: 'SYS_WRITE_ERROR' });
    expect(details).not.toHaveProperty('stack_trace');
    expect(readFileSync(path, 'utf8')).not.toContain('Stack trace');
    for (const text of [ended.stderr, ended.stdout, readFileSync(path, 'utf8')])
      expect(text).not.toMatch(/^ +at .*:\d+:\d+/m);
  });
});

describe('a bug of the program', () => {
  const program = bundleProgram(`
    import { runCommand } from './src/interfaces/cli/run-command.ts';
    const late = process.argv[2] === 'late';
    void runCommand(async () => {
      if (!late) throw new TypeError('no such thing');
      setTimeout(() => { throw new TypeError('no such thing'); }, 1);
      return new Promise(() => {});
    }, 'any');
  `);
  const run = (when: string, env: Record<string, string> = {}) => {
    const { status, stderr } = spawnSync(process.execPath, [program, when], {
      encoding: 'utf8',
      env: { ...MACHINE, ...env },
    });
    return [status, stderr];
  };

  test.each(['now', 'late'])('is told in a line, with its place for developers only: %s', (when) => {
    expect(run(when)).toEqual([
      1,
      expect.stringMatching(/^murmur8: internal error: no such thing\nhint: .*MURMUR8_DEV=1.*\n$/),
    ]);
    expect(run(when, { MURMUR8_DEV: '1' })).toEqual([
      1,
      expect.stringMatching(/^murmur8: internal error: TypeError: no such thing\n +at /),
    ]);
  });
});
