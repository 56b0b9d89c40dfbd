import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { historyEntrySchema } from '../../src/core/history/entry.ts';
import { runEventSchema } from '../../src/core/run/event.ts';
import { type Ended, murmur8, type RunOptions, start } from '../rig/cli.ts';
import { createProject, GREETING, type ProjectOptions, type TestProject } from '../rig/project.ts';
import { type Scenario, type ScriptedAgent, scriptedAgent } from '../rig/scripted-agent.ts';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const STAGES = ['alex', 'cass', 'nigel', 'codey-plan', 'codey-implement'];

const projects: TestProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(options: ProjectOptions = {}): TestProject {
  const project = createProject(options);
  projects.push(project);
  return project;
}

function implement(
  project: TestProject,
  args: readonly string[],
  options: Partial<RunOptions> = {},
): Promise<Ended> {
  return murmur8(['implement-feature', 'greeting', '--brief', project.brief, ...args], {
    cwd: project.root,
    ...options,
  });
}

function withAgent(
  project: TestProject,
  agent: ScriptedAgent,
  args: readonly string[] = [],
  options: Partial<RunOptions> = {},
): Promise<Ended> {
  return implement(project, ['--runner', agent.runner, ...args], options);
}

const IDLE: Scenario = { acts: { nigel: [[], [], [], []] } };

describe('seed 000, Record Pipeline Execution, of whole runs', () => {
  test('AC-1: a completed run is appended to the history with status success', async () => {
    const project = aProject();
    const ended = await implement(project, ['--runner', 'offline']);
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('ALL_FRAMES_APPROVED') });
    const [entry] = project.history();
    expect(historyEntrySchema.parse(entry)).toMatchObject({
      slug: 'greeting',
      status: 'success',
      failedStage: null,
      pausedAfter: null,
      commitHash: project.git('rev-parse', 'HEAD').trim(),
    });
    expect(Object.keys(entry?.stages ?? {})).toEqual(STAGES);
    expect(project.committed()).toEqual(
      expect.arrayContaining([
        '.blueprint/features/feature_greeting/FEATURE_SPEC.md',
        'src/greeting.js',
        'test/feature_greeting.test.js',
      ]),
    );
    expect(project.uncommitted()).toEqual([]);
  });

  test('AC-2: a run whose stage fails is appended with status failed and the failing stage', async () => {
    const project = aProject();
    const agent = scriptedAgent(IDLE);
    const ended = await withAgent(project, agent);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('OUTPUT_INVALID');
    expect(project.history()).toMatchObject([
      { status: 'failed', failedStage: 'nigel', pausedAfter: null, reasonCode: 'OUTPUT_INVALID' },
    ]);
    expect(Object.keys(project.history()[0]?.stages ?? {})).toEqual(['alex', 'cass', 'nigel']);
  });

  test('AC-3: a run paused after cass is appended with status paused and the stages up to there', async () => {
    const project = aProject();
    const ended = await implement(project, ['--runner', 'offline', '--pause-after=cass']);
    expect(ended.code).toBe(3);
    expect(project.history()).toMatchObject([{ status: 'paused', pausedAfter: 'cass', failedStage: null }]);
    expect(Object.keys(project.history()[0]?.stages ?? {})).toEqual(['alex', 'cass']);
    expect(project.has('src/greeting.js')).toBe(false);
  });

  test.each([
    ['success', [] as string[]],
    ['failure', ['--max-attempts', '1']],
    ['pause', ['--pause-after', 'alex']],
  ])('AC-4: after a %s every stage has its times in ISO 8601', async (_title, args) => {
    const project = aProject();
    await implement(project, ['--runner', 'offline', ...args]);
    const stages = Object.values(project.history()[0]?.stages ?? {});
    expect(stages.length).toBeGreaterThan(0);
    for (const stage of stages) {
      expect(stage?.startedAt).toMatch(INSTANT);
      expect(stage?.completedAt).toMatch(INSTANT);
      expect(stage?.durationMs).toBe(
        Date.parse(stage?.completedAt ?? '') - Date.parse(stage?.startedAt ?? ''),
      );
    }
  });

  test('AC-5: the history file is created as an array with the single entry', async () => {
    const project = aProject();
    expect(project.has('.claude')).toBe(false);
    await implement(project, ['--runner', 'offline', '--pause-after', 'alex']);
    const written: unknown = JSON.parse(project.read('.claude/pipeline-history.json'));
    expect(written).toEqual([expect.objectContaining({ slug: 'greeting', status: 'paused' })]);
  });

  test.each([
    [
      'a directory',
      (project: TestProject) => mkdirSync(project.path('.claude/pipeline-history.json'), { recursive: true }),
    ],
    ['damaged', (project: TestProject) => project.write('.claude/pipeline-history.json', '[{"slug": "old"')],
  ])(
    'AC-6: where the history file is %s, one warning is logged and the run completes as it would',
    async (_title, spoil) => {
      const project = aProject();
      spoil(project);
      const ended = await implement(project, ['--runner', 'offline']);
      expect(ended.code).toBe(0);
      expect(ended.stderr.match(/warning/g)).toHaveLength(1);
      expect(ended.stderr).toContain('pipeline-history.json');
      expect(ended.stderr).toContain('ALL_FRAMES_APPROVED');
      expect(project.has('src/greeting.js')).toBe(true);
    },
  );

  test('AC-6: a failed run whose history cannot be written still ends with its own exit code', async () => {
    const project = aProject();
    mkdirSync(project.path('.claude/pipeline-history.json'), { recursive: true });
    const ended = await implement(project, ['--runner', 'offline', '--pause-after', 'nigel']);
    expect(ended.code).toBe(3);
    expect(ended.stderr.match(/warning/g)).toHaveLength(1);
  });

  test('AC-6: an entry that could not be written is added by the next command that takes the run', async () => {
    const project = aProject();
    mkdirSync(project.path('.claude/pipeline-history.json'), { recursive: true });
    await implement(project, ['--runner', 'offline', '--pause-after', 'alex']);
    rmSync(project.path('.claude/pipeline-history.json'), { recursive: true });
    const ended = await implement(project, ['--runner', 'offline']);
    expect(ended.code).toBe(0);
    expect(project.history().map((entry) => entry.status)).toEqual(['paused', 'success']);
    expect(project.history()[1]?.previousRunId).toBe(project.history()[0]?.runId);
  });

  test('AC-6: also the entry of a finished run is added later, while the run itself is not repeated', async () => {
    const project = aProject();
    mkdirSync(project.path('.claude/pipeline-history.json'), { recursive: true });
    await implement(project, ['--runner', 'offline']);
    rmSync(project.path('.claude/pipeline-history.json'), { recursive: true });
    expect((await implement(project, ['--runner', 'offline'])).code).toBe(7);
    expect((await implement(project, ['--runner', 'offline'])).code).toBe(7);
    expect(project.history().map((entry) => entry.status)).toEqual(['success']);
  });
});

describe('seed 004, story identifiers, of whole runs', () => {
  test('AC-1, AC-2: a UUID v4 made at the start is in every event and in the history entry', async () => {
    const project = aProject();
    await implement(project, ['--runner', 'offline']);
    const [entry] = project.history();
    expect(entry?.runId).toMatch(UUID_V4);
    expect(new Set(project.journal().map((event) => event.runId))).toEqual(new Set([entry?.runId]));
  });

  test('AC-3: the first specification gets a featureId of its own, whatever the agent wrote', async () => {
    const project = aProject();
    const spec = '.blueprint/features/feature_greeting/FEATURE_SPEC.md';
    const agent = scriptedAgent({
      acts: { alex: [['work', { replace: spec, from: 'featureId:', to: 'somethingElse:' }]] },
    });
    const ended = await withAgent(project, agent, ['--pause-after', 'alex']);
    expect(ended.code).toBe(3);
    expect(project.featureId()).toMatch(UUID_V4);
    expect(project.history()[0]?.featureId).toBe(project.featureId());
  });

  test('AC-4, AC-5: --restart and an agent that changes it keep the featureId; each run has its own runId', async () => {
    const project = aProject();
    await implement(project, ['--runner', 'offline']);
    const id = project.featureId();
    const spec = '.blueprint/features/feature_greeting/FEATURE_SPEC.md';
    const other = '11111111-1111-4111-8111-111111111111';
    const agent = scriptedAgent({
      acts: {
        alex: [['work', { replace: spec, from: id ?? '', to: other }]],
        cass: [['work', { replace: spec, from: id ?? '', to: other }]],
      },
    });
    const ended = await withAgent(project, agent, ['--restart']);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('the featureId had been changed');
    expect(project.featureId()).toBe(id);
    const [first, second] = project.history();
    expect(first?.featureId).toBe(id);
    expect(second?.featureId).toBe(id);
    expect(second?.runId).not.toBe(first?.runId);
  });
});

describe('continuing', () => {
  test('a paused run continues where it was: finished stages are not paid for twice', async () => {
    const project = aProject();
    const agent = scriptedAgent();
    await withAgent(project, agent, ['--pause-after', 'cass']);
    expect(agent.keys()).toEqual(['alex', 'cass:review', 'cass']);
    const ended = await withAgent(project, agent);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('continuing run');
    expect(agent.keys().slice(3)).toEqual([
      'nigel:review',
      'nigel',
      'codey-plan:review',
      'codey-plan',
      'codey-implement',
    ]);
    const [first, second] = project.history();
    expect(first).toMatchObject({ status: 'paused', pausedAfter: 'cass' });
    expect(second).toMatchObject({ status: 'success', previousRunId: first?.runId });
    expect(second?.runId).not.toBe(first?.runId);
    expect(second?.stages.alex).toEqual(first?.stages.alex);
    expect(project.runs()).toHaveLength(1);
  });

  test('a failed run continues at the stage that failed', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { nigel: [[], [], []] } });
    expect((await withAgent(project, agent)).code).toBe(1);
    const before = agent.keys().length;
    expect((await withAgent(project, agent)).code).toBe(0);
    expect(agent.keys().slice(before)).toEqual([
      'nigel',
      'codey-plan:review',
      'codey-plan',
      'codey-implement',
    ]);
    expect(project.history().map((entry) => entry.status)).toEqual(['failed', 'success']);
  });

  test('--restart begins anew with every stage', async () => {
    const project = aProject();
    const agent = scriptedAgent();
    await withAgent(project, agent, ['--pause-after', 'alex']);
    const ended = await withAgent(project, agent, ['--restart', '--pause-after', 'alex']);
    expect(ended.code).toBe(3);
    expect(agent.keys()).toEqual(['alex', 'alex']);
    expect(project.runs()).toHaveLength(2);
    expect(project.history().every((entry) => !('previousRunId' in entry))).toBe(true);
  });

  test('a finished run is not repeated without a terminal: exit 7 with the way to do it', async () => {
    const project = aProject();
    await implement(project, ['--runner', 'offline']);
    const head = project.git('rev-parse', 'HEAD');
    const ended = await implement(project, ['--runner', 'offline']);
    expect(ended.code).toBe(7);
    expect(ended.stderr).toContain('--restart');
    expect(project.git('rev-parse', 'HEAD')).toBe(head);
    expect(project.history()).toHaveLength(1);
  });

  test.each([
    ['cass', ['cass', 'nigel:review', 'nigel', 'codey-plan:review', 'codey-plan', 'codey-implement']],
    ['codey-implement', ['codey-implement']],
  ])('--from %s begins a new run there, on what earlier runs left', async (stage, expected) => {
    const project = aProject();
    await implement(project, ['--runner', 'offline', '--pause-after', 'codey-plan']);
    const agent = scriptedAgent();
    const ended = await withAgent(project, agent, ['--from', stage]);
    expect(ended).toMatchObject({ code: 0 });
    expect(agent.keys()).toEqual(expected);
    expect(project.has('src/greeting.js')).toBe(true);
  });

  test('--from says what earlier stages left open', async () => {
    const project = aProject();
    const ended = await implement(project, ['--runner', 'offline', '--from', 'nigel']);
    expect(ended.stderr).toContain('earlier stages left something open');
    expect(ended.code).not.toBe(0);
  });
});

describe('story routing', () => {
  const TECHNICAL =
    '# Cache\n\nRefactoring of the internal cache module.\n\nKind: technical\n\n## Lookup\n\n- `greeting("a")` → `"b"`\n';

  test('a feature that the specification calls technical gets no stories, and the reason is shown', async () => {
    const project = aProject();
    const spec = '.blueprint/features/feature_greeting/FEATURE_SPEC.md';
    const agent = scriptedAgent({
      withStories: false,
      acts: { alex: [['work', { replace: spec, from: 'featureId:', to: 'kind: technical\nfeatureId:' }]] },
    });
    const ended = await withAgent(project, agent);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(/cass: skipped, WHEN_FALSE \(.*kind: technical.*\)/);
    expect(agent.keys()).not.toContain('cass');
    expect(Object.keys(project.history()[0]?.stages ?? {})).toEqual([
      'alex',
      'nigel',
      'codey-plan',
      'codey-implement',
    ]);
  });

  test('--skip-stories and --with-stories overrule it', async () => {
    const skipped = aProject();
    expect(await implement(skipped, ['--runner', 'offline', '--skip-stories'])).toMatchObject({ code: 0 });
    expect(skipped.history()[0]?.stages.cass).toBeUndefined();
    const kept = aProject({ brief: TECHNICAL });
    await implement(kept, ['--runner', 'offline', '--with-stories', '--pause-after', 'cass']);
    expect(kept.history()[0]?.stages.cass?.status).toBe('success');
  });

  test('a pause after a skipped stage pauses at that boundary', async () => {
    const project = aProject();
    const ended = await implement(project, [
      '--runner',
      'offline',
      '--skip-stories',
      '--pause-after',
      'cass',
    ]);
    expect(ended.code).toBe(3);
    expect(project.history()).toMatchObject([{ status: 'paused', pausedAfter: 'cass' }]);
    expect(Object.keys(project.history()[0]?.stages ?? {})).toEqual(['alex']);
  });
});

describe('options', () => {
  test('--no-commit leaves the files uncommitted, --no-history no entry', async () => {
    const project = aProject();
    const head = project.git('rev-parse', 'HEAD');
    const ended = await implement(project, ['--runner', 'offline', '--no-commit', '--no-history']);
    expect(ended.code).toBe(0);
    expect(project.git('rev-parse', 'HEAD')).toBe(head);
    expect(project.uncommitted()).toContain('?? src/greeting.js');
    expect(project.has('.claude/pipeline-history.json')).toBe(false);
  });

  test('--no-feedback asks for no rating', async () => {
    const project = aProject();
    const agent = scriptedAgent();
    expect((await withAgent(project, agent, ['--no-feedback'])).code).toBe(0);
    expect(agent.keys()).toEqual(STAGES);
    expect(JSON.stringify(project.history())).not.toContain('feedback');
  });

  test('--max-attempts ends a run with exit 4 where the next attempt would begin; it goes on with more', async () => {
    const project = aProject();
    const agent = scriptedAgent();
    const ended = await withAgent(project, agent, ['--max-attempts', '2', '--no-feedback']);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('CIRCUIT_BREAKER');
    expect(agent.keys()).toEqual(['alex', 'cass']);
    expect(project.history()).toMatchObject([
      { status: 'paused', pausedAfter: 'cass', reasonCode: 'CIRCUIT_BREAKER' },
    ]);
    expect((await withAgent(project, agent, ['--max-attempts', '9', '--no-feedback'])).code).toBe(0);
  });

  test.each([['--validate'], ['--no-validate']])(
    '--max-cost is refused with a runner that cannot tell its cost (%s)',
    async (validate) => {
      const project = aProject();
      const args = ['--max-cost', '1.50', ...(validate === '--validate' ? [] : [validate])];
      const ended = await withAgent(project, scriptedAgent(), args);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('--max-tokens');
      expect(project.runs()).toEqual([]);
    },
  );

  test('--stage-timeout ends an agent that takes longer, and its run in the end', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { alex: [[{ hang: true }], [{ hang: true }]] } });
    const ended = await withAgent(project, agent, ['--stage-timeout', '1s']);
    expect(ended.code).toBe(1);
    expect(project.history()).toMatchObject([{ failedStage: 'alex', reasonCode: 'STAGE_TIMEOUT' }]);
  });

  test('--json prints exactly one document on standard output', async () => {
    const project = aProject();
    const ended = await implement(project, ['--runner', 'offline', '--json']);
    const document: unknown = JSON.parse(ended.stdout);
    expect(document).toMatchObject({
      slug: 'greeting',
      run_status: 'succeeded',
      reason_code: 'ALL_FRAMES_APPROVED',
      runId: project.history()[0]?.runId,
      commit: project.git('rev-parse', 'HEAD').trim(),
      stages: STAGES.map((name) => expect.objectContaining({ name, status: 'succeeded', attempts: 1 })),
    });
  });

  test('--events prints every event of the journal, each as one line of JSON', async () => {
    const project = aProject();
    const ended = await implement(project, ['--runner', 'offline', '--events']);
    const printed = ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => runEventSchema.parse(JSON.parse(line)));
    expect(printed).toEqual(project.journal());
  });

  test('a brief comes from standard input with --brief -', async () => {
    const project = aProject();
    const ended = await murmur8(
      ['implement-feature', 'greeting', '--brief', '-', '--runner', 'offline', '--pause-after', 'alex'],
      { cwd: project.root, input: GREETING },
    );
    expect(ended.code).toBe(3);
    expect(project.read('.blueprint/features/feature_greeting/brief.md')).toBe(GREETING);
  });

  test('"Your Slug" becomes your-slug, and that is said', async () => {
    const project = aProject();
    const ended = await murmur8(
      [
        'implement-feature',
        'Warm Greeting',
        '--brief',
        project.brief,
        '--runner',
        'offline',
        '--pause-after',
        'alex',
      ],
      { cwd: project.root },
    );
    expect(ended.stderr).toContain('using the slug warm-greeting');
    expect(project.history()[0]?.slug).toBe('warm-greeting');
  });

  test('the program works from a directory below the project', async () => {
    const project = aProject();
    mkdirSync(project.path('deep/er'), { recursive: true });
    const ended = await implement(project, ['--runner', 'offline', '--pause-after', 'alex'], {
      cwd: project.path('deep/er'),
    });
    expect(ended.code).toBe(3);
    expect(project.history()).toHaveLength(1);
  });

  test('--state-dir keeps the state there and nothing in .claude', async () => {
    const project = aProject();
    const elsewhere = `${project.root}-state`;
    const ended = await implement(project, ['--runner', 'offline', '--state-dir', elsewhere]);
    expect(ended.code).toBe(0);
    expect(project.has('.claude')).toBe(false);
    expect(project.committed()).not.toContain('.claude/stack-config.json');
  });
});

describe('the user’s own changes', () => {
  test('stay as they are and out of the commit, staged and unstaged', async () => {
    const project = aProject();
    project.write('README.md', '# Project\n\nmine\n');
    project.write('staged.txt', 'mine\n');
    project.git('add', 'staged.txt');
    project.write('notes.txt', 'mine\n');
    const ended = await implement(project, ['--runner', 'offline']);
    expect(ended.code).toBe(0);
    expect(project.uncommitted().sort()).toEqual([' M README.md', '?? notes.txt', 'A  staged.txt']);
    expect(project.committed()).not.toEqual(expect.arrayContaining(['README.md']));
  });

  const touchesReadme: Scenario = {
    acts: { 'codey-implement': [['work', { append: 'README.md', text: 'agent\n' }]] },
  };

  test('a file that was dirty and that the run changed needs --yes', async () => {
    const project = aProject();
    project.write('README.md', '# Project\n\nmine\n');
    const head = project.git('rev-parse', 'HEAD');
    const agent = scriptedAgent(touchesReadme);
    const ended = await withAgent(project, agent);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('COMMIT_DECLINED');
    expect(project.git('rev-parse', 'HEAD')).toBe(head);
    expect(project.read('README.md')).toBe('# Project\n\nmine\nagent\n');
    expect(project.history()).toMatchObject([{ status: 'paused', reasonCode: 'COMMIT_DECLINED' }]);
    const before = agent.keys().length;
    expect((await withAgent(project, agent, ['--yes'])).code).toBe(0);
    expect(agent.keys()).toHaveLength(before);
    expect(project.committed()).toContain('README.md');
  });
});

describe('several runs at once', () => {
  test('a second run in the same working tree is refused with exit 7, naming the owner and --worktree', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { alex: [[{ hang: true }]] } });
    const first = start(
      ['implement-feature', 'greeting', '--brief', project.brief, '--runner', agent.runner],
      {
        cwd: project.root,
      },
    );
    await expect.poll(() => agent.notes(), { timeout: 30_000, interval: 20 }).toContain('hanging');
    const second = await murmur8(
      ['implement-feature', 'farewell', '--brief', project.brief, '--runner', 'offline'],
      { cwd: project.root },
    );
    expect(second.code).toBe(7);
    expect(second.stderr).toContain(`process ${first.child.pid}`);
    expect(second.stderr).toContain('greeting');
    expect(second.stderr).toContain('--worktree');
    const beside = await murmur8(
      ['implement-feature', 'farewell', '--brief', project.brief, '--runner', 'offline', '--worktree'],
      { cwd: project.root },
    );
    expect(beside.code).toBe(0);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    expect(project.history().map((entry) => [entry.slug, entry.status])).toEqual([
      ['farewell', 'success'],
      ['greeting', 'paused'],
    ]);
  });

  test('a run in a worktree goes on there with the same command', async () => {
    const project = aProject();
    expect(
      (await implement(project, ['--runner', 'offline', '--worktree', '--pause-after', 'alex'])).code,
    ).toBe(3);
    expect(project.has('.blueprint')).toBe(false);
    expect((await implement(project, ['--runner', 'offline', '--worktree'])).code).toBe(0);
    expect(project.runs()).toHaveLength(1);
    expect(project.git('log', '-1', '--format=%s', 'feature/greeting')).toContain('feat(greeting)');
    expect(project.uncommitted()).toEqual([]);
  });

  test('two runs in two worktrees at the same time are both recorded and both committed', async () => {
    const project = aProject();
    const run = (slug: string) =>
      murmur8(['implement-feature', slug, '--brief', project.brief, '--runner', 'offline', '--worktree'], {
        cwd: project.root,
      });
    const ended = await Promise.all([run('greeting'), run('farewell')]);
    expect(ended.map((one) => one.code)).toEqual([0, 0]);
    expect(
      project
        .history()
        .map((entry) => entry.slug)
        .sort(),
    ).toEqual(['farewell', 'greeting']);
    for (const slug of ['greeting', 'farewell']) {
      expect(project.git('log', '-1', '--format=%s', `feature/${slug}`)).toContain(`feat(${slug})`);
    }
    expect(project.uncommitted()).toEqual([]);
  });
});

describe('feedback', () => {
  const rate = (rating: number, recommendation: 'proceed' | 'pause' | 'revise') => ({
    rate: { rating, issues: ['the limits are missing'], recommendation },
  });

  test.each([
    ['a rating below the threshold', rate(1, 'proceed')],
    ['the word pause', rate(5, 'pause')],
  ])('%s pauses the run with QUALITY_GATE; running it again is the answer', async (_title, act) => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { 'cass:review': [[act]] } });
    const ended = await withAgent(project, agent, ['--pause-after', 'cass']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('the limits are missing');
    expect(project.history()).toMatchObject([
      { status: 'paused', pausedAfter: 'alex', reasonCode: 'QUALITY_GATE' },
    ]);
    await withAgent(project, agent, ['--pause-after', 'cass']);
    expect(agent.keys()).toEqual(['alex', 'cass:review', 'cass']);
    expect(project.history()[1]).toMatchObject({ pausedAfter: 'cass' });
  });

  test('revise sends the finding back once; a second time a person decides', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { 'cass:review': [[rate(3, 'revise')], [rate(3, 'revise')]] } });
    const ended = await withAgent(project, agent);
    expect(ended.code).toBe(3);
    expect(agent.keys()).toEqual(['alex', 'cass:review', 'alex', 'cass:review']);
    expect(agent.starts()[2]?.prompt).toContain('the limits are missing');
    expect(project.history()).toMatchObject([{ reasonCode: 'QUALITY_GATE' }]);
  });

  test('a rating that cannot be had stops nothing, and a rater may change nothing', async () => {
    const project = aProject();
    const agent = scriptedAgent({
      acts: {
        'cass:review': [[{ answer: 'not JSON' }]],
        'nigel:review': [['work', { write: 'src/sneaky.js', text: 'x' }]],
      },
    });
    const ended = await withAgent(project, agent);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('cass gave no rating of alex');
    expect(project.has('src/sneaky.js')).toBe(false);
  });
});

describe('questions', () => {
  test('a question without anybody to answer waits with exit 3 and holds no process; the answer goes to the agent', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { alex: [[{ ask: 'which language?' }]] } });
    const asked = await withAgent(project, agent, ['--pause-after', 'alex']);
    expect(asked.code).toBe(3);
    expect(asked.stderr).toContain('which language?');
    expect(project.history()).toEqual([]);
    const answered = await murmur8(['answer', 'greeting', 'English', '--pause-after', 'alex'], {
      cwd: project.root,
    });
    expect(answered).toMatchObject({ code: 3 });
    expect(agent.keys()).toEqual(['alex', 'alex']);
    expect(agent.starts()[1]?.prompt).toContain('English');
    expect(project.history()).toMatchObject([{ status: 'paused', pausedAfter: 'alex' }]);
  });
});

describe('contracts', () => {
  test('an invalid result is put back with the precise finding, and a repaired one is taken', async () => {
    const project = aProject();
    const handoff = '.blueprint/features/feature_greeting/handoff-alex.md';
    const agent = scriptedAgent({ acts: { alex: [['work', { remove: handoff }]] } });
    const ended = await withAgent(project, agent, ['--pause-after', 'alex']);
    expect(ended.code).toBe(3);
    expect(agent.keys()).toEqual(['alex', 'alex']);
    expect(agent.starts()[1]?.prompt).toContain(handoff);
    expect(project.history()[0]?.stages.alex?.attempts).toBe(2);
  });

  test('tests that never become green fail the stage with TESTS_FAILED and the names', async () => {
    const project = aProject();
    const broken = ['work' as const, { write: 'src/greeting.js', text: "exports.greeting = () => 'no';\n" }];
    const agent = scriptedAgent({ acts: { 'codey-implement': [broken, broken, broken, broken] } });
    const ended = await withAgent(project, agent);
    expect(ended.code).toBe(1);
    expect(project.history()).toMatchObject([{ failedStage: 'codey-implement', reasonCode: 'TESTS_FAILED' }]);
    expect(ended.stderr).toMatch(/T-/);
  });

  test('each retry names another strategy, and the strategy is in the journal', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { nigel: [[], []] } });
    await withAgent(project, agent, ['--pause-after', 'nigel']);
    const strategies = project
      .journal()
      .flatMap((event) =>
        event.type === 'attempt.started' && event.stage === 'nigel' ? [event.strategy] : [],
      );
    expect(strategies).toHaveLength(3);
    expect(strategies[0]).toBeUndefined();
    expect(strategies[1]).toBeDefined();
    expect(strategies[2]).toBeDefined();
  });
});

test('without a brief nothing begins: exit 2 with the way to give one', async () => {
  const project = aProject();
  const ended = await murmur8(['implement-feature', 'greeting', '--runner', 'offline'], {
    cwd: project.root,
  });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('--brief');
  expect(project.runs()).toEqual([]);
});

test('a brief that was changed meanwhile is not used by a run that goes on, and that is said', async () => {
  const project = aProject();
  await implement(project, ['--runner', 'offline', '--pause-after', 'alex']);
  writeFileSync(project.brief, '# Something else\n\n- `other()` → `1`\n');
  const ended = await implement(project, ['--runner', 'offline', '--pause-after', 'cass']);
  expect(ended.stderr).toContain('goes on with the brief it began with');
  expect(project.read('.blueprint/features/feature_greeting/brief.md')).toBe(GREETING);
});

test('whoever reads the output may leave: the run goes on to its end', async () => {
  const project = aProject();
  const started = start(
    ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'offline', '--events'],
    { cwd: project.root },
  );
  await expect.poll(() => started.stdout(), { timeout: 30_000, interval: 10 }).toContain('run.created');
  started.child.stdout?.destroy();
  started.child.stderr?.destroy();
  expect((await started.ended).code).toBe(0);
  expect(project.history()).toMatchObject([{ status: 'success' }]);
});

test('a feedback configuration that is switched off asks for no rating', async () => {
  const project = aProject();
  project.write('.claude/feedback-config.json', JSON.stringify({ version: 1, enabled: false }));
  const agent = scriptedAgent();
  await withAgent(project, agent, ['--pause-after', 'nigel']);
  expect(agent.keys()).toEqual(['alex', 'cass', 'nigel']);
});

test('the strategy rollback-to-checkpoint puts the files back before the next attempt', async () => {
  const project = aProject();
  const strategies = { 'codey-implement': ['rollback-to-checkpoint'] };
  project.write('.claude/retry-config.json', JSON.stringify({ version: 1, strategies }));
  const agent = scriptedAgent({
    acts: {
      'codey-implement': [
        [
          { write: 'src/greeting.js', text: "exports.greeting = () => 'no';\n" },
          { write: 'src/leftover.js', text: 'x\n' },
          { append: 'README.md', text: 'x\n' },
        ],
      ],
    },
  });
  const ended = await withAgent(project, agent);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('(rollback-to-checkpoint)');
  expect(project.has('src/leftover.js')).toBe(false);
  expect(project.read('README.md')).toBe('# Project\n');
});
