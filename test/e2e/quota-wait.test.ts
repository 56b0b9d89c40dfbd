import { afterEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/core/run/event.ts';
import { type RunStatusDocument, runStatusDocumentContract } from '../../src/interfaces/contract/status.ts';
import { aliveWith } from '../rig/agents-alive.ts';
import { type Ended, murmur8, type Started } from '../rig/cli.ts';
import { createPipelineProject, type PipelineProject } from '../rig/pipeline-project.ts';
import { until } from '../rig/until.ts';

const EXIT_INTERRUPTED = 130;
const SHIP = 'name: ship\nstages:\n  - {name: pack, agent: builder, task: Pack, produces: packed}\n';

let project: PipelineProject;

/** A project with two agents: each is a script, and says how often it was started. */
async function withAgents(first: string, second = 'touch packed', definition = SHIP): Promise<void> {
  project = createPipelineProject();
  project.write('first.sh', `echo first >> asked\n${first}`);
  project.write('second.sh', `echo second >> asked\n${second}`);
  await project.register(definition);
}

/** What an agent writes that has no quota; `more` is put behind the code. */
function noQuota(more = '', code = 'DEP_QUOTA'): string {
  return `echo '{"failure": {"text": "the quota is used up", "code": "${code}"${more}}}' > "$MURMUR8_ANSWER"`;
}

const FIRST = ['--runner', 'command:sh first.sh'];
const BOTH = [...FIRST, '--runner', 'command:sh second.sh'];

function run(...more: string[]): Promise<Ended> {
  return project.pipeline('run', 'ship', ...more);
}

function resume(...more: string[]): Started {
  return project.startPipeline('run', '--resume', project.runs()[0] ?? '', ...more);
}

function eventsOf<T extends RunEvent['type']>(type: T): Extract<RunEvent, { type: T }>[] {
  return project.journal().filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}

async function status(): Promise<RunStatusDocument> {
  const { stdout } = await murmur8(['status', '--json'], { cwd: project.root });
  return runStatusDocumentContract.parse(JSON.parse(stdout));
}

/** As another process sees it. */
function seenWaiting(): Promise<RunStatusDocument> {
  return until(async () => {
    const seen = await status();
    expect(seen).toMatchObject({ status: 'in-progress', reason_code: 'QUOTA_WAIT', run_status: 'running' });
    return seen;
  });
}

afterEach(() => {
  for (const id of project.runs()) expect(aliveWith(id)).toEqual([]);
  project.remove();
});

describe('an agent without quota', () => {
  test.each([
    ['DEP_QUOTA', 'has no quota left'],
    ['DEP_API_UNAVAILABLE', 'cannot be reached'],
  ])('gives way to the next one at once, which is recorded: %s', async (code, why) => {
    await withAgents(noQuota(', "retry_after": "8h"', code));
    const done = await run(...BOTH);
    expect([done.code, project.lines('asked')]).toEqual([0, ['first', 'second']]);
    expect(done.stdout).toContain(`by builder on command:sh second.sh, since command:sh first.sh ${why}`);
    const runners = ['command:sh first.sh', 'command:sh second.sh'];
    expect(eventsOf('attempt.started')).toMatchObject([
      { runner: runners[0], runners },
      { runner: runners[1], runners, runnerReason: `command:sh first.sh ${why}` },
    ]);
    expect(eventsOf('attempt.waiting')).toEqual([]);
  });

  test('gives way to the runners that its role names, unless the command line names one', async () => {
    await withAgents(noQuota(', "retry_after": "8h"'));
    const role = '---\nrunner: ["command:sh first.sh", "command:sh second.sh"]\n---\nYou pack.\n';
    project.write('.blueprint/agents/builder.md', role);
    expect((await run()).code).toBe(0);
    expect(project.lines('asked')).toEqual(['first', 'second']);
    expect((await run('--runner', 'command:sh second.sh')).code).toBe(0);
    expect(project.lines('asked')).toEqual(['first', 'second', 'second']);
  });

  test('is waited for, and then goes on by itself', async () => {
    await withAgents(`test -e once && exec touch packed\ntouch once\n${noQuota(', "retry_after": "1s"')}`);
    const done = await run(...FIRST);
    expect([done.code, project.lines('asked')]).toEqual([0, ['first', 'first']]);
    expect(done.stdout).toMatch(/pack: waiting for command:sh first\.sh until .+ from now/);
    const [waiting, ...more] = eventsOf('attempt.waiting');
    const [first, second] = eventsOf('attempt.started');
    expect([waiting, more]).toMatchObject([{ outcome: 'quota', message: 'the quota is used up' }, []]);
    expect(Date.parse(second?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(waiting?.until ?? ''));
    expect(first?.attempt).toBe(1);
  });

  test('is not waited for longer than quota_wait, and the message says when it comes back', async () => {
    await withAgents(noQuota(', "retry_at": "2100-01-05T09:00:00Z"'));
    const failed = await run(...FIRST);
    expect([failed.code, project.lines('asked')]).toEqual([1, ['first']]);
    expect(failed.stderr).toContain('answers again at 2100-01-05T09:00:00.000Z, quota_wait is 1h');
    expect(await status()).toMatchObject({ status: 'failed', reason_code: 'DEP_QUOTA' });
    const again = await resume('--limit', 'quota_wait=0s').ended;
    expect([again.code, project.lines('asked')]).toEqual([1, ['first', 'first']]);
    expect(eventsOf('attempt.waiting')).toEqual([]);
    // Another one takes the work over without a wait.
    const done = await resume('--runner', 'command:sh second.sh').ended;
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('ALL_STAGES_SUCCEEDED')]);
  });

  test('that would take over is looked at before the run begins', async () => {
    await withAgents('touch packed');
    const refused = await run(...FIRST, '--runner', 'command:no-such-program');
    expect([refused.code, project.runs(), project.lines('asked')]).toEqual([expect.any(Number), [], []]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('command:no-such-program, the fallback of command:sh first.sh');
  });
});

describe('a wait for quota', () => {
  test('is seen, interrupted, killed, and goes on for the rest of its time until the run is cancelled', async () => {
    await withAgents(noQuota(', "retry_after": "2h"'));
    const begun = project.startPipeline('run', 'ship', ...FIRST, '--limit', 'quota_wait=3h');
    const seen = await seenWaiting();
    const { details } = seen;
    if (!('waiting' in details) || details.waiting === undefined) throw new Error('nothing waits');
    expect(details.waiting).toMatchObject({
      runner: 'command:sh first.sh',
      outcome: 'quota',
      message: 'the quota is used up',
    });
    expect(details.waiting.remaining_ms).toBeGreaterThan(3_600_000);
    const until = details.waiting.until;
    const text = await murmur8(['status'], { cwd: project.root });
    expect(text.stdout).toMatch(/Waiting: +[12]h \d+m \d+s, until \d{4}-.+Z \(quota: the quota is used up\)/);
    const queue = await murmur8(['queue'], { cwd: project.root });
    expect(queue.stdout).toMatch(/waits for command:sh first\.sh until .+Z, [12]h \d\dm from now/);

    begun.child.kill('SIGINT');
    expect((await begun.ended).code).toBe(EXIT_INTERRUPTED);
    expect(await status()).toMatchObject({ status: 'stopped', reason_code: 'USER_INTERRUPT' });

    const killed = resume();
    expect(await seenWaiting()).toMatchObject({ details: { waiting: { until } } });
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await status()).toMatchObject({ status: 'failed', reason_code: 'SYS_OWNER_LOST' });

    const last = resume();
    expect(await seenWaiting()).toMatchObject({ details: { waiting: { until } } });
    await murmur8(['cancel', project.runs()[0] ?? ''], { cwd: project.root });
    expect((await last.ended).stderr).toContain('USER_CANCELLED');
    expect(project.lines('asked')).toEqual(['first']);
    expect(eventsOf('attempt.waiting').map((event) => event.until)).toEqual([until, until, until]);
  });

  test('ends with the time that the run has', async () => {
    await withAgents(noQuota(', "retry_after": "30m"'));
    const stopped = await run(...FIRST, '--limit', 'max_duration=2s');
    expect([stopped.code, stopped.stderr]).toEqual([4, expect.stringContaining('BUDGET_EXCEEDED')]);
    expect(project.lines('asked')).toEqual(['first']);
  });
});
