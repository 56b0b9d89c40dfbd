import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { murmur8, start } from '../rig/cli.ts';
import { spread } from '../rig/killed-run.ts';
import { type ScriptedAgent, scriptedAgent } from '../rig/scripted-agent.ts';
import { type TaskProject, taskProject } from '../rig/task-project.ts';
import { until } from '../rig/until.ts';

vi.setConfig({ testTimeout: 180_000 });

const projects: TaskProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(): TaskProject {
  const project = taskProject();
  projects.push(project);
  return project;
}

/** A sample of the changes at which a run is killed, the first and the last among them. */
const POINTS = 8;
const LOST = { status: 'abandoned', error_reason: expect.stringMatching(/^SYS_OWNER_LOST: /) };

describe('a run that was killed while an agent worked', () => {
  /** With its second stage at work. */
  async function killed(): Promise<{ project: TaskProject; agent: ScriptedAgent }> {
    const project = aProject();
    const agent = scriptedAgent({ acts: { cass: [[{ hang: true }]] } });
    const run = start(['implement-feature', 'greeting', '--brief', project.brief, '--runner', agent.runner], {
      cwd: project.root,
    });
    await until(() => expect(agent.keys()).toContain('cass'));
    run.child.kill('SIGKILL');
    expect((await run.ended).signal).toBe('SIGKILL');
    expect(project.attempts()).toEqual([]);
    return { project, agent };
  }

  test('is an abandoned attempt as soon as somebody goes on with it, who makes the next one', async () => {
    const { project, agent } = await killed();
    const ended = await project.implement(['--runner', agent.runner]);
    expect(ended).toMatchObject({ code: 0 });
    expect(project.attempts()).toMatchObject([LOST, { status: 'completed' }]);
    const [lost, completed] = project.attempts();
    expect(lost?.started_at).toBe(project.history()[0]?.startedAt);
    expect(Date.parse(lost?.ended_at ?? '')).toBeLessThanOrEqual(Date.parse(completed?.started_at ?? ''));
    // A crash is no end: both are of the same run.
    expect(lost?.notes).toBe(completed?.notes);
    expect(project.history()).toHaveLength(1);
  });

  test('is one also where it is resumed by its id', async () => {
    const { project } = await killed();
    await murmur8(['resume', project.runs()[0] ?? '', '--pause-after', 'cass'], { cwd: project.root });
    expect(project.attempts()).toMatchObject([LOST, { status: 'abandoned' }]);
    expect(project.attempts()[1]?.error_reason).toMatch(/^PAUSED_AFTER_STAGE: /);
  });

  test('is one where the feature is begun anew', async () => {
    const { project } = await killed();
    await project.implement(['--restart', '--pause-after', 'alex']);
    expect(project.attempts()).toMatchObject([LOST, { status: 'abandoned' }]);
    expect(project.attempts().map(({ notes }) => notes)).toEqual(
      project.history().map(({ runId }) => `murmur8 run ${runId}`),
    );
  });

  test('is one where it is cancelled', async () => {
    const { project } = await killed();
    expect((await murmur8(['cancel', 'greeting'], { cwd: project.root })).code).toBe(0);
    expect(project.attempts()).toMatchObject([LOST]);
  });

  test('twice is two', async () => {
    const { project } = await killed();
    const again = scriptedAgent({ acts: { cass: [[{ hang: true }]] } });
    const run = start(['resume', 'greeting', '--runner', again.runner], { cwd: project.root });
    await until(() => expect(again.keys()).toContain('cass'));
    run.child.kill('SIGKILL');
    await run.ended;
    expect(project.attempts()).toMatchObject([LOST]);
    expect((await murmur8(['cancel', 'greeting'], { cwd: project.root })).code).toBe(0);
    expect(project.attempts()).toMatchObject([LOST, LOST]);
  });
});

describe('a run that is killed while its task is told', () => {
  const PRELOAD = fileURLToPath(new URL('../rig/crash-at.cjs', import.meta.url));

  function toFirstPause(project: TaskProject, rig: Readonly<Record<string, string>>) {
    return project.implement(['--pause-after', 'alex'], { node: ['--require', PRELOAD], env: rig });
  }

  test('at any change below tasks/: the attempt is there once when the run has gone on', async () => {
    const whole = aProject();
    const report = join(dirname(whole.root), 'report.json');
    await toFirstPause(whole, { MURMUR8_RIG_UNDER: whole.path('tasks'), MURMUR8_RIG_REPORT: report });
    const { changes } = JSON.parse(readFileSync(report, 'utf8')) as { changes: number };
    const already: number[] = [];
    expect(changes).toBeGreaterThan(POINTS);
    for (const point of spread(changes, POINTS)) {
      const project = aProject();
      const killed = await toFirstPause(project, {
        MURMUR8_RIG_UNDER: project.path('tasks'),
        MURMUR8_RIG_CRASH_AT: String(point),
      });
      expect([point, killed.signal]).toEqual([point, 'SIGKILL']);
      if (project.attempts().length > 0) already.push(point);
      const ended = await project.implement(['--pause-after', 'cass']);
      expect([point, ended.stderr.match(/warning/g)]).toEqual([point, null]);
      expect([point, project.attempts().map(({ notes }) => notes)]).toEqual([
        point,
        project.history().map(({ runId }) => `murmur8 run ${runId}`),
      ]);
      expect(project.attempts()).toHaveLength(2);
    }
    // Some of them came after the attempt was written and before its run had noted that.
    expect(already.length).toBeGreaterThan(0);
    expect(already.length).toBeLessThan(POINTS);
  });

  test('before its run has noted what the task was told: it is told nothing twice', async () => {
    const project = aProject();
    await project.implement(['--pause-after', 'alex']);
    const note = `.claude/runs/${project.runs()[0]}/task.json`;
    project.write(note, project.read(note).replace(/"recorded":\d+/, '"recorded":0'));
    await project.implement(['--pause-after', 'cass']);
    expect(project.attempts()).toHaveLength(2);
  });
});
