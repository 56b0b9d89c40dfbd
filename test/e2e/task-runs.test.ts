import { chmodSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { murmur8, start } from '../rig/cli.ts';
import { scriptedAgent } from '../rig/scripted-agent.ts';
import { TASK, type TaskProject, taskProject, taskText } from '../rig/task-project.ts';
import { hasTerminals, openTerminal } from '../rig/terminal.ts';
import { until } from '../rig/until.ts';

vi.setConfig({ testTimeout: 120_000 });

const projects: TaskProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(options?: Parameters<typeof taskProject>[0]): TaskProject {
  const project = taskProject(options);
  projects.push(project);
  return project;
}

const OTHER = 'tasks/00-idea/task-other.md';

describe('what the task of a feature is told', () => {
  test('a run that succeeds is one completed attempt, as the history has it, and nothing else of the file changes', async () => {
    const project = aProject();
    const before = project.read(TASK);
    const ended = await project.implement();
    expect(ended.code).toBe(0);
    expect(ended.stdout + ended.stderr).not.toContain('task');
    const [entry] = project.history();
    const seconds = (Date.parse(entry?.completedAt ?? '') - Date.parse(entry?.startedAt ?? '')) / 1000;
    expect(project.attempts()).toEqual([
      {
        started_at: entry?.startedAt,
        ended_at: entry?.completedAt,
        duration_seconds: Math.round(seconds),
        status: 'completed',
        executor: { tool: 'offline', planner: { tool: 'offline' } },
        notes: `murmur8 run ${entry?.runId}`,
      },
    ]);
    const after = project.read(TASK);
    const added = after.indexOf('execution:');
    expect(after.slice(0, added)).toBe(before.slice(0, added));
    expect(after.slice(after.indexOf('---', added))).toBe(before.slice(before.indexOf('---', 4)));
  });

  test('a pause is an abandoned attempt, and going on is the next one; no commit holds the task', async () => {
    const project = aProject();
    expect((await project.implement(['--pause-after', 'alex'])).code).toBe(3);
    expect(project.attempts()).toMatchObject([
      { status: 'abandoned', error_reason: expect.stringMatching(/^PAUSED_AFTER_STAGE: /) },
    ]);
    // Without a terminal a change of the user's own files would have kept the run from committing.
    const ended = await project.implement();
    expect(ended).toMatchObject({ code: 0 });
    expect(project.attempts().map(({ status }) => status)).toEqual(['abandoned', 'completed']);
    expect(project.committed().filter((path) => path.startsWith('tasks/'))).toEqual([]);
    expect(project.uncommitted()).toEqual([`?? ${TASK}`]);
    expect(project.journal().find(({ type }) => type === 'run.closed')).not.toHaveProperty(
      'files',
      expect.arrayContaining([TASK]),
    );
  });

  test('a failure is a failed attempt of the stage that was reached, with the reason; trying again another one', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { nigel: [[], [], []] } });
    expect((await project.implement(['--runner', agent.runner, '--model', 'some-model'])).code).toBe(1);
    expect(project.attempts()).toMatchObject([
      {
        status: 'failed',
        error_reason: expect.stringMatching(/^OUTPUT_INVALID: /),
        executor: { tool: agent.runner, model: 'some-model' },
      },
    ]);
    expect(project.attempts()[0]?.executor).not.toHaveProperty('planner');
    expect((await murmur8(['resume', 'greeting'], { cwd: project.root })).code).toBe(0);
    expect(project.attempts().map(({ status }) => status)).toEqual(['failed', 'completed']);
    expect(project.attempts()[1]?.executor).toMatchObject({
      tool: agent.runner,
      planner: { tool: agent.runner },
    });
  });

  test('a question that nobody is there for ends an attempt; the answer begins the next', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { alex: [[{ ask: 'which colour?' }]] } });
    expect((await project.implement(['--runner', agent.runner])).code).toBe(3);
    expect(project.attempts()).toMatchObject([
      { status: 'abandoned', error_reason: expect.stringMatching(/^QUESTION_PENDING: /) },
    ]);
    const answered = await murmur8(['answer', 'greeting', 'green', '--pause-after', 'alex'], {
      cwd: project.root,
    });
    expect(answered.code).toBe(3);
    expect(project.attempts().map(({ error_reason }) => error_reason?.split(':')[0])).toEqual([
      'QUESTION_PENDING',
      'PAUSED_AFTER_STAGE',
    ]);
    const [first, second] = project.attempts();
    expect(Date.parse(second?.started_at ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.ended_at ?? ''));
  });

  test('Ctrl+C abandons an attempt', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { alex: [[{ hang: true }]] } });
    const run = start(['implement-feature', 'greeting', '--brief', project.brief, '--runner', agent.runner], {
      cwd: project.root,
    });
    await until(() => expect(agent.keys()).toEqual(['alex']));
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(project.attempts()).toMatchObject([
      { status: 'abandoned', error_reason: expect.stringMatching(/^USER_INTERRUPT: /) },
    ]);
  });

  test('an attempt that ran out of time has failed', async () => {
    const project = aProject();
    const hangs = [{ hang: true }] as const;
    const agent = scriptedAgent({ acts: { alex: [hangs, hangs, hangs, hangs] } });
    expect((await project.implement(['--runner', agent.runner, '--stage-timeout', '1s'])).code).toBe(1);
    expect(project.attempts()).toMatchObject([
      { status: 'failed', error_reason: expect.stringMatching(/^STAGE_TIMEOUT: /) },
    ]);
  });

  test('who rated the work too low for the gate is the reviewer, and what they said holds no secret', async () => {
    const project = aProject();
    const secret = 'hunter-2-hunter-2';
    const agent = scriptedAgent({
      acts: {
        'cass:review': [[{ rate: { rating: 1, issues: [`uses ${secret}`], recommendation: 'pause' } }]],
      },
    });
    const ended = await project.implement(['--runner', agent.runner], {
      env: { SHOP_TOKEN: secret },
    });
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining('QUALITY_GATE') });
    const [attempt] = project.attempts();
    expect(attempt).toMatchObject({
      status: 'failed',
      reviewer: { name: 'cass', approved: false, notes: 'uses ***' },
    });
    expect(project.read(TASK)).not.toContain(secret);
    await project.implement(['--runner', agent.runner, '--pause-after', 'cass']);
    expect(project.attempts()).toHaveLength(2);
    expect(project.attempts()[1]).not.toHaveProperty('reviewer');
  });

  test('a reason that quotes a program holds no secret', async () => {
    const project = aProject();
    const secret = 'correct-horse-battery';
    project.write('.git/hooks/pre-commit', `#!/bin/sh\necho "refused by ${secret}"\nexit 1\n`);
    chmodSync(project.path('.git/hooks/pre-commit'), 0o755);
    const ended = await project.implement([], { env: { HOOK_PASSWORD: secret } });
    expect(ended.code).toBe(1);
    const [attempt] = project.attempts();
    expect(attempt).toMatchObject({ status: 'failed' });
    expect(attempt?.error_reason).toMatch(/^DEP_GIT_FAIL: .*refused by \*\*\*/);
    expect(project.read(TASK)).not.toContain(secret);
  });

  test('a run that is not to be in the history is told of all the same', async () => {
    const project = aProject();
    await project.implement(['--no-history', '--pause-after', 'alex']);
    expect(project.has('.claude/pipeline-history.json')).toBe(false);
    expect(project.attempts()).toHaveLength(1);
  });

  test('cancelling a paused run adds nothing', async () => {
    const project = aProject();
    await project.implement(['--pause-after', 'alex']);
    expect((await murmur8(['cancel', 'greeting'], { cwd: project.root })).code).toBe(0);
    expect(project.attempts()).toHaveLength(1);
    await project.implement(['--restart', '--pause-after', 'alex']);
    expect(project.attempts()).toHaveLength(2);
  });
});

describe('which task that is', () => {
  test('--task names another one, also for a run that goes on', async () => {
    const project = aProject();
    project.write(OTHER, taskText('other'));
    await project.implement(['--task', 'other', '--pause-after', 'alex']);
    await project.implement(['--pause-after', 'cass']);
    expect(project.attempts(OTHER)).toHaveLength(2);
    expect(project.attempts()).toEqual([]);
    await project.implement(['--task', 'greeting', '--pause-after', 'nigel']);
    expect(project.attempts(OTHER)).toHaveLength(2);
    expect(project.attempts()).toHaveLength(1);
  });

  test('an unknown one is a slip that is told before anything is made', async () => {
    const project = aProject();
    project.git('add', '-A');
    project.git('commit', '-qm', 'a task');
    const ended = await project.implement(['--task', 'greetings', '--worktree']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('there is no task "greetings"');
    expect(ended.stderr).toContain('did you mean greeting?');
    expect(project.has('.claude')).toBe(false);
    expect(project.has('.worktrees')).toBe(false);
    expect(project.git('branch', '--format=%(refname:short)').trim()).toBe('main');
  });

  test('naming one where no tasks are kept says how the first is made', async () => {
    const project = aProject({ task: false });
    const ended = await project.implement(['--task', 'greeting']);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('murmur8 task new') });
    expect(project.has('.claude')).toBe(false);
  });

  test('without tasks nothing happens, and nothing is said', async () => {
    const project = aProject({ task: false });
    const ended = await project.implement(['--pause-after', 'alex']);
    expect(ended.stdout + ended.stderr).not.toContain('task');
    expect(project.has('tasks')).toBe(false);
    expect(project.has(`.claude/runs/${project.runs()[0]}/task.json`)).toBe(false);
  });

  test('without a task for the feature the others stay as they are, and a pipe is told nothing', async () => {
    const project = aProject({ task: false });
    project.write(OTHER, taskText('other'));
    const ended = await project.implement(['--pause-after', 'alex']);
    expect(ended.stdout + ended.stderr).not.toContain('task');
    expect(project.read(OTHER)).toBe(taskText('other'));
    expect(project.filesBelow('tasks')).toEqual([OTHER]);
  });

  test('a task that is made while its run pauses is told of the whole run', async () => {
    const project = aProject({ task: false });
    await project.implement(['--pause-after', 'alex']);
    project.write(TASK, taskText('greeting'));
    await project.implement(['--pause-after', 'cass']);
    expect(project.attempts()).toHaveLength(2);
  });

  test('a feature of the same name in another project has a task of its own', async () => {
    const [one, other] = [aProject(), aProject()];
    await Promise.all([one.implement(['--pause-after', 'alex']), other.implement(['--pause-after', 'cass'])]);
    for (const project of [one, other])
      expect(project.attempts()).toMatchObject([{ notes: `murmur8 run ${project.runs()[0]}` }]);
  });

  test('the nearest tasks above where the command is typed are meant', async () => {
    const project = aProject();
    const near = 'packages/shop/tasks/10-ready/story-greeting.md';
    project.write(near, taskText('greeting'));
    const shop = { cwd: project.path('packages/shop') };
    await project.implement(['--pause-after', 'alex'], shop);
    await murmur8(['resume', 'greeting', '--pause-after', 'cass'], { cwd: project.root });
    expect(project.attempts(near)).toHaveLength(2);
    expect(project.attempts()).toEqual([]);
  });
});

describe('tasks and the files of a run', () => {
  test('a run in a working tree of its own is told to the task in the main one, and its branch holds nothing of it', async () => {
    const project = aProject();
    project.git('add', '-A');
    project.git('commit', '-qm', 'a task');
    const ended = await project.implement(['--worktree']);
    expect(ended).toMatchObject({ code: 0 });
    expect(project.attempts()).toMatchObject([{ status: 'completed' }]);
    expect(project.read(`.worktrees/greeting/${TASK}`)).toBe(taskText('greeting'));
    expect(project.git('diff', '--name-only', 'main', 'feature/greeting').split('\n')).not.toContain(TASK);
    expect(project.uncommitted()).toEqual([` M ${TASK}`]);
  });

  test('two runs at once that belong to the same task lose nothing of each other', async () => {
    const project = aProject();
    const implement = (slug: string, stage: string) =>
      murmur8(
        [
          ...['implement-feature', slug, '--brief', project.brief, '--runner', 'offline'],
          ...['--task', 'greeting', '--worktree', '--pause-after', stage],
        ],
        { cwd: project.root },
      );
    await implement('greeting', 'alex');
    await implement('farewell', 'alex');
    const ended = await Promise.all([implement('greeting', 'cass'), implement('farewell', 'cass')]);
    expect(ended.map(({ code }) => code)).toEqual([3, 3]);
    const notes = project.history().map(({ runId }) => `murmur8 run ${runId}`);
    expect(new Set(notes).size).toBe(4);
    expect(
      project
        .attempts()
        .map((attempt) => attempt.notes)
        .sort(),
    ).toEqual(notes.sort());
  });

  test('an attempt of another run that arrives while an agent works is neither undone nor committed', async () => {
    const project = aProject();
    project.write(OTHER, taskText('other'));
    const line = 'labels: [seen]\n';
    const arrives = { replace: OTHER, from: 'colour: "green"\n', to: `colour: "green"\n${line}` };
    const agent = scriptedAgent({ acts: { alex: [['work', arrives]] } });
    const ended = await project.implement(['--runner', agent.runner]);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).not.toContain('were undone');
    expect(project.read(OTHER)).toContain(line);
    expect(project.committed().filter((path) => path.startsWith('tasks/'))).toEqual([]);
  });
});

describe('a task that cannot be told', () => {
  test.each([
    [
      'cannot be written',
      (project: TaskProject) => project.write('tasks/.lock', ''),
      (project: TaskProject) => rmSync(project.path('tasks/.lock')),
    ],
    [
      'has a front matter that is no YAML',
      (project: TaskProject) => project.write(TASK, taskText('greeting').replace('colour:', '[colour')),
      (project: TaskProject) => project.write(TASK, taskText('greeting')),
    ],
    [
      'has another thing where its attempts belong',
      (project: TaskProject) => project.write(TASK, taskText('greeting').replace('colour:', 'execution:')),
      (project: TaskProject) => project.write(TASK, taskText('greeting')),
    ],
    [
      'is no text',
      (project: TaskProject) => project.write(TASK, '\0\0'),
      (project: TaskProject) => project.write(TASK, taskText('greeting')),
    ],
  ])(
    'because it %s: one warning, the run ends as it would, and the next one makes up for it',
    async (_title, spoil, mend) => {
      const project = aProject();
      spoil(project);
      const before = project.read(TASK);
      const ended = await project.implement(['--pause-after', 'alex']);
      expect(ended.code).toBe(3);
      expect(ended.stderr.match(/warning/g)).toHaveLength(1);
      expect(ended.stderr).toContain('the attempt could not be added to task greeting');
      expect(ended.stderr).toMatch(/tasks[/:]/);
      expect(ended.stderr).toContain('hint: ');
      expect(ended.stderr).toContain('PAUSED_AFTER_STAGE');
      expect(project.history()).toMatchObject([{ status: 'paused' }]);
      expect(project.read(TASK)).toBe(before);
      mend(project);
      expect((await project.implement(['--restart', '--pause-after', 'alex'])).stderr).not.toContain(
        'warning',
      );
      expect(project.attempts().map(({ notes }) => notes)).toEqual(
        project.history().map(({ runId }) => `murmur8 run ${runId}`),
      );
      expect(project.attempts()).toHaveLength(2);
    },
  );

  test('because it has gone meanwhile: the run commits, and says so once', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { 'codey-implement': [['work', { remove: TASK }]] } });
    const ended = await project.implement(['--runner', agent.runner]);
    expect(ended.code).toBe(0);
    expect(ended.stderr.match(/warning/g)).toHaveLength(1);
    expect(ended.stderr).toContain('there is no task "greeting"');
    expect(ended.stderr).toContain('ALL_FRAMES_APPROVED');
  });

  test('because its run’s own note is damaged: one warning that names the file', async () => {
    const project = aProject();
    await project.implement(['--pause-after', 'alex']);
    const note = `.claude/runs/${project.runs()[0]}/task.json`;
    project.write(note, '{');
    const ended = await project.implement(['--pause-after', 'cass']);
    expect(ended.code).toBe(3);
    expect(ended.stderr.match(/warning/g)).toHaveLength(1);
    expect(ended.stderr).toContain(note);
    rmSync(project.path(note));
    await project.implement(['--pause-after', 'nigel']);
    expect(project.attempts()).toHaveLength(3);
  });
});

describe.skipIf(!hasTerminals())('on a terminal', () => {
  test('a feature without a task is offered one at the end, in one line, and none is made', async () => {
    const project = aProject({ task: false });
    project.write(OTHER, taskText('other'));
    const args = ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'offline'];
    const terminal = openTerminal([...args, '--pause-after', 'alex', '--yes'], { cwd: project.root });
    expect(await terminal.ended).toBe(3);
    expect(terminal.shown().match(/murmur8 task new greeting/g)).toHaveLength(1);
    expect(project.filesBelow('tasks')).toEqual([OTHER]);
  });

  test('the person who lets work through the gate is its reviewer', async () => {
    const project = aProject();
    const agent = scriptedAgent({
      acts: { 'cass:review': [[{ rate: { rating: 2, issues: ['thin'], recommendation: 'proceed' } }]] },
    });
    const terminal = openTerminal(
      [
        'implement-feature',
        'greeting',
        '--brief',
        project.brief,
        '--runner',
        agent.runner,
        '--pause-after',
        'cass',
      ],
      { cwd: project.root, env: { MURMUR8_USER: 'ada' } },
    );
    await terminal.until('[a]bort?');
    terminal.type('c\r');
    expect(await terminal.ended).toBe(3);
    expect(project.attempts()).toMatchObject([{ reviewer: { name: 'ada', approved: true } }]);
  });
});
