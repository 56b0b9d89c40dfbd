import { afterEach, describe, expect, test } from 'vitest';
import { mergedPullRequest } from '../rig/cd-story.ts';
import type { Ended } from '../rig/cli.ts';
import { createGatedProject, type GatedProject } from '../rig/gated-project.ts';
import { killedEmission } from '../rig/killed-event.ts';
import { spread } from '../rig/killed-run.ts';

let project: GatedProject;
afterEach(() => project.remove());

/** A pipeline that notes its own name, and what starts it. */
function noting(name: string, triggers: string): string {
  return `name: ${name}\ntriggers: ${triggers}\nstages: [{name: only, run: echo ${name} >> ran}]\n`;
}

async function projectWith(...definitions: readonly string[]): Promise<void> {
  project = createGatedProject();
  for (const definition of definitions) await project.register(definition);
}

/** Emits an event, and answers with what it meant for each pipeline: `started`, or why not. */
async function emit(...args: string[]): Promise<Record<string, string>> {
  const ended = await project.as('ci', 'event', 'emit', ...args, '--json');
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  const [event] = consequencesOf(ended);
  return Object.fromEntries(
    (event?.pipelines ?? []).map(({ pipeline, outcome, reason }) => [pipeline, reason ?? outcome]),
  );
}

interface Told {
  readonly first: boolean;
  readonly pipelines: readonly {
    readonly pipeline: string;
    readonly outcome: string;
    readonly run_id: string | null;
    readonly reason: string | null;
  }[];
}

function consequencesOf({ stdout }: Ended): Told[] {
  return (JSON.parse(stdout) as { events: Told[] }).events;
}

describe('an event', () => {
  test('starts what waits for it, and says of every other pipeline why not', async () => {
    await projectWith(
      noting('on-main', '[{event: push, branches: [main, "release/*"]}]'),
      noting('on-docs', '[{event: push, paths: ["docs/**"]}]'),
      noting('on-label', '[{event: push, labels: [deploy]}]'),
      noting('on-either', '[{event: issues.opened}, {event: push, branches: [dev, main]}]'),
      noting('on-night', '[{schedule: {cron: "0 3 * * *"}}]'),
      noting('switched-off', '[{event: push}]'),
      'name: by-hand\nstages: [{name: only, run: echo by-hand >> ran}]\n',
    );
    await project.pipeline('disable', 'switched-off');
    expect(await emit('push', '--branch', 'main', '--path', 'src/a.ts', '--path', 'README.md')).toEqual({
      'on-main': 'started',
      'on-either': 'started',
      'on-docs': expect.stringContaining('docs/**'),
      'on-label': expect.stringContaining('label'),
      'on-night': expect.stringContaining('the trigger is a schedule'),
      'switched-off': 'it is disabled',
      'by-hand': 'the pipeline has no triggers',
    });
    await project.comesToRest();
    expect(project.lines('ran').sort()).toEqual(['on-either', 'on-main']);
    expect(
      await emit('push', '--branch', 'release/2', '--path', 'docs/a/b.md', '--label', 'deploy'),
    ).toMatchObject({
      'on-main': 'started',
      'on-docs': 'started',
      'on-label': 'started',
      'on-either': expect.stringContaining('release/2'),
    });
    await project.comesToRest();
    expect(project.lines('ran')).toHaveLength(5);
    const [newest] = project.runs().map((run) => project.journal(run)[0]);
    expect(newest).toMatchObject({ cause: { kind: 'event', event: 'push', actor: 'ci' } });
  });

  test('whose facts are not known starts nothing that asks for them', async () => {
    await projectWith(noting('on-docs', '[{event: push, paths: ["docs/**"]}]'));
    expect(await emit('push')).toEqual({ 'on-docs': expect.stringContaining('nobody said') });
    expect(await emit('push', '--no-paths')).toEqual({
      'on-docs': expect.not.stringContaining('nobody said'),
    });
    expect(project.runs()).toEqual([]);
  });

  test('from a fork starts only what lets forks in', async () => {
    await projectWith(
      noting('own', '[{event: "pull_request.*"}]'),
      noting('open', '[{event: "pull_request.*", forks: true}]'),
    );
    const payload = JSON.parse(mergedPullRequest());
    payload.pull_request.head.repo = { id: 8, full_name: 'mallory/greeter' };
    project.write('fork.json', JSON.stringify(payload));
    payload.pull_request.head.repo = null;
    project.write('gone.json', JSON.stringify(payload));
    for (const file of ['fork.json', 'gone.json'])
      expect(await emit('pull_request', '--github', file)).toEqual({
        own: expect.stringContaining('fork'),
        open: 'started',
      });
    expect(await emit('pull_request.opened', '--fork')).toMatchObject({
      own: expect.stringContaining('fork'),
      open: 'started',
    });
    await project.comesToRest();
    expect(project.lines('ran')).toEqual(['open', 'open', 'open']);
  });

  test('of a schedule is for the pipeline that is named', async () => {
    await projectWith(
      noting('nightly', '[{schedule: {cron: "0 3 * * *"}}]'),
      noting('hourly', '[{schedule: {cron: "0 * * * *"}}]'),
      noting('on-push', '[{event: push}]'),
    );
    expect(await emit('schedule', '--pipeline', 'nightly')).toEqual({ nightly: 'started' });
    expect(await emit('schedule', '--pipeline', 'on-push')).toEqual({ 'on-push': expect.any(String) });
    await project.comesToRest();
    expect(project.lines('ran')).toEqual(['nightly']);
    expect((await project.details(project.runs()[0] ?? '')).run).toMatchObject({
      trigger_event: 'schedule',
      status: 'succeeded',
    });
    const unknown = await project.as('ci', 'event', 'emit', 'schedule', '--pipeline', 'nihgtly');
    expect([unknown.code, unknown.stderr]).toEqual([6, expect.stringContaining('did you mean nightly?')]);
  });

  test('that cannot be read starts nothing, and says what was expected', async () => {
    await projectWith(noting('any', '[{event: "**"}]'));
    project.write('torn.json', mergedPullRequest().slice(0, -1));
    project.write('list.json', '[]');
    project.write('nul.json', Buffer.from([0, 1, 2, 0xff]));
    project.write('half.json', JSON.stringify({ action: 'closed', pull_request: { number: 1 } }));
    for (const file of ['torn.json', 'list.json', 'nul.json', 'half.json', 'absent.json']) {
      const ended = await project.as('ci', 'event', 'emit', 'pull_request', '--github', file);
      expect([file, ended.code === 2 || ended.code === 6, ended.stdout]).toEqual([file, true, '']);
      expect(ended.stderr).toMatch(/^murmur8: .+\n(hint: .+\n)?$/);
    }
    for (const type of ['', '../push', 'Push it', 'x'.repeat(200)])
      expect((await project.as('ci', 'event', 'emit', type)).code).toBe(2);
    expect(project.runs()).toEqual([]);
    expect(project.has('.claude/events')).toBe(false);
  });
});

describe('what strangers wrote into an event', () => {
  test('is data in commands, tasks, conditions and groups, and its delivery id is no path', async () => {
    const hostile = `'; touch pwned; "$(touch pwned)" \`touch pwned\` \${event.sha} $$ \\ \n--flag *`;
    const branch = 'x$(touch${IFS}pwned);`touch pwned`';
    await projectWith(`
name: hostile
triggers: [{event: pull_request.merged}]
concurrency: {group: "deploy-\${event.title}"}
stages:
  - {name: bare, run: 'printf "%s" \${event.title} > bare.txt'}
  - {name: quoted, run: 'printf "%s" "<\${event.head_branch}>" > quoted.txt'}
  - {name: agent, agent: deployer, task: "Deploy \${event.title} from \${event.head_branch}"}
  - {name: main-only, when: {branch: main}, run: touch main.txt}
  - {name: other, depends_on: [], when: {branch: "x*"}, run: touch other.txt}
`);
    const payload = JSON.parse(mergedPullRequest(hostile));
    payload.pull_request.head.ref = branch;
    project.write('payload.json', JSON.stringify(payload));
    project.write('agent.sh', 'printf "%s" "$MURMUR8_TASK" > task.txt\n');
    const runner = ['--runner', 'command:sh agent.sh'];
    expect(await emit('pull_request', '--github', 'payload.json', ...runner)).toEqual({ hostile: 'started' });
    await project.comesToRest();
    expect((await project.details(project.runs()[0] ?? '')).run.status).toBe('succeeded');
    expect(project.read('bare.txt')).toBe(hostile);
    expect(project.read('quoted.txt')).toBe(`<${branch}>`);
    expect(project.read('task.txt')).toBe(`Deploy ${hostile} from ${branch}`);
    expect([project.has('main.txt'), project.has('other.txt'), project.has('pwned')]).toEqual([
      true,
      false,
      false,
    ]);
    const before = project.filesBelow('.').filter((path) => !path.startsWith('.claude/events/'));
    const id = '../../../../evil\u001b[2J\n';
    const ended = await project.as('ci', 'event', 'emit', 'push', '--id', id);
    expect(ended.code).toBe(0);
    expect(ended.stdout).not.toContain('\u001b');
    expect(project.filesBelow('.').filter((path) => !path.startsWith('.claude/events/'))).toEqual(before);
  });
});

describe('a delivery', () => {
  test('that comes twice at the same instant starts one run, which is done once though it fails', async () => {
    await projectWith(
      'name: failing\ntriggers: [{event: push}]\nstages: [{name: only, run: echo failing >> ran; exit 1}]\n',
    );
    for (let round = 1; round <= 6; round += 1) {
      const deliver = () => project.as('ci', 'event', 'emit', 'push', '--id', `delivery-${round}`, '--json');
      const both = await Promise.all([deliver(), deliver()]);
      expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ''],
        [0, ''],
      ]);
      const told = both.map((ended) => consequencesOf(ended)[0]);
      expect(told.map((one) => one?.first).sort()).toEqual([false, true]);
      const [run] = new Set(told.map((one) => one?.pipelines[0]?.run_id));
      await project.comesToRest();
      expect(project.runs()).toHaveLength(round);
      expect(project.lines('ran')).toHaveLength(round);
      const journal = project.journal(run ?? '');
      expect(journal.filter(({ type }) => type === 'run.created' || type === 'segment.started')).toHaveLength(
        2,
      );
    }
  }, 120_000);

  test('of a payload that holds nothing new is told so, in text as well', async () => {
    await projectWith(noting('any', '[{event: push}]'));
    const first = await project.as('ci', 'event', 'emit', 'push', '--id', 'd-1');
    const second = await project.as('ci', 'event', 'emit', 'push', '--id', 'd-1');
    await project.comesToRest();
    const [run] = project.runs();
    expect(first.stdout).toBe(`push d-1\n  any: started: murmur8 pipeline status ${run}\n`);
    expect(second.stdout).toBe(
      `push d-1 was delivered before: nothing is started twice\n  any: has run ${run} already\n`,
    );
    project.write('ping.json', '{"zen":"Keep it logically awesome."}');
    const ping = await project.as('ci', 'event', 'emit', 'ping', '--github', 'ping.json');
    expect([ping.code, ping.stdout]).toEqual([0, 'the payload stands for no event\n']);
  });

  test('whose process is killed, made again, starts what is missing and nothing twice', async () => {
    const killed = await killedEmission();
    ({ project } = killed);
    for (const point of spread(killed.changes, 10)) await killed.kill(point);
  }, 120_000);
});
