import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { enqueueFailure } from '../../src/edges/telemetry/failed-queue.ts';
import { type Ended, murmur8, start } from '../rig/cli.ts';
import { createProject, type TestProject } from '../rig/project.ts';
import { answer, type Behaviour, hangBeforeHeaders, type Receiver, startReceiver } from '../rig/receiver.ts';
import { scriptedAgent } from '../rig/scripted-agent.ts';

/** Long enough for any machine; a delivery that works ends it at once. */
const WAIT = { MURMUR8_TELEMETRY_WAIT_MS: '30000' };

const projects: TestProject[] = [];
const receivers: Receiver[] = [];
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
  for (const project of projects.splice(0)) project.remove();
});

function aProject(): TestProject {
  const project = createProject();
  projects.push(project);
  return project;
}

async function receive(behaviour: Behaviour = answer(200)): Promise<Receiver> {
  const receiver = await startReceiver({ behaviour });
  receivers.push(receiver);
  return receiver;
}

function argumentsFor(project: TestProject, args: readonly string[], runner = 'offline'): string[] {
  return ['implement-feature', 'greeting', '--brief', project.brief, '--runner', runner, ...args];
}

function implement(
  project: TestProject,
  url: string,
  args: readonly string[] = [],
  env: Record<string, string> = WAIT,
): Promise<Ended> {
  return murmur8(argumentsFor(project, args), {
    cwd: project.root,
    env: { ...env, MURMUR8_TELEMETRY_URL: url },
  });
}

interface Payload {
  readonly [name: string]: unknown;
  readonly artifacts: Readonly<Record<string, string>>;
  readonly stages: Readonly<Record<string, unknown>>;
}

function payloadsOf(receiver: Receiver): Payload[] {
  return receiver.received.map((one) => JSON.parse(one.text) as Payload);
}

describe('seed 004, story payload-send, of whole runs', () => {
  test('AC-1, AC-2, AC-3, AC-6: the payload tells the run, its stages and its documents byte for byte', async () => {
    const project = aProject();
    project.git('remote', 'add', 'origin', 'https://ada:hunter2secret@git.example.com/greeting.git');
    const receiver = await receive();
    expect((await implement(project, receiver.url)).code).toBe(0);
    const [payload] = payloadsOf(receiver);
    const [entry] = project.history();
    expect(payload).toMatchObject({
      runId: entry?.runId,
      featureId: project.featureId(),
      featureSlug: 'greeting',
      status: 'success',
      startedAt: entry?.startedAt,
      completedAt: entry?.completedAt,
      durationMs: entry?.totalDurationMs,
      run: { slug: 'greeting', status: 'success' },
      identity: {
        gitUser: 'Ada Tester',
        gitEmail: 'ada@example.com',
        repoUrl: 'https://git.example.com/greeting.git',
      },
      feedback: { alex: { recommendation: 'proceed' } },
    });
    expect(Object.keys(payload?.stages ?? {})).toEqual([
      'alex',
      'cass',
      'nigel',
      'codey-plan',
      'codey-implement',
    ]);
    for (const [name, stage] of Object.entries(payload?.stages ?? {}))
      expect(stage).toMatchObject({ name, status: 'success', durationMs: expect.any(Number), attempts: 1 });
    const directory = '.blueprint/features/feature_greeting';
    expect(Object.keys(payload?.artifacts ?? {}).sort()).toEqual([
      'FEATURE_SPEC.md',
      'story-careful-input.md',
      'story-greeting-by-name.md',
    ]);
    for (const [name, text] of Object.entries(payload?.artifacts ?? {})) {
      const bytes = gunzipSync(Buffer.from(text, 'base64'));
      expect(bytes.equals(readFileSync(project.path(directory, name)))).toBe(true);
    }
    expect(receiver.received[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': expect.stringContaining('application/json') },
    });
    expect(receiver.received[0]?.text).not.toContain('hunter2secret');
  });

  test('AC-1: a failed run says failure and where, a paused one paused', async () => {
    const project = aProject();
    const receiver = await receive();
    const agent = scriptedAgent({ acts: { cass: [[], [], []] } });
    const env = { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url };
    await murmur8(argumentsFor(project, ['--pause-after', 'alex'], agent.runner), { cwd: project.root, env });
    await murmur8(argumentsFor(project, [], agent.runner), { cwd: project.root, env });
    await receiver.count(2);
    expect(payloadsOf(receiver)).toMatchObject([
      { status: 'paused', run: { status: 'paused' } },
      { status: 'failure', failedStage: 'cass', run: { status: 'failed' } },
    ]);
    expect(new Set(receiver.runIds()).size).toBe(2);
  });

  test('AC-4: with --no-feedback the payload has no feedback', async () => {
    const project = aProject();
    const receiver = await receive();
    await implement(project, receiver.url, ['--no-feedback']);
    expect(payloadsOf(receiver)[0]).not.toHaveProperty('feedback');
  });

  test.each([
    ['is accepted', answer(200)],
    ['is refused', answer(500)],
  ])('AC-5: a run whose payload %s prints what it prints without telemetry', async (_title, behaviour) => {
    const receiver = await receive(behaviour);
    const args = ['--pause-after', 'cass'];
    const without = await implement(aProject(), '', args);
    const withIt = await implement(aProject(), receiver.url, args);
    expect(receiver.received).toHaveLength(1);
    expect(plain(withIt)).toEqual(plain(without));
  });
});

describe('seed 004, story failed-queue-retry, of whole runs', () => {
  test('AC-1: a refused payload is queued, the run ends as it would', async () => {
    const project = aProject();
    const receiver = await receive(answer(503));
    const ended = await implement(project, receiver.url, ['--pause-after', 'alex']);
    expect(ended.code).toBe(3);
    const queue = JSON.parse(project.read('.claude/telemetry-failed.json')) as { runId: string }[];
    expect(queue.map((payload) => payload.runId)).toEqual([project.history()[0]?.runId]);
  });

  test('AC-2, AC-3, AC-4: the queue is on its way before stage one begins, and ends empty', async () => {
    const project = aProject();
    const receiver = await receive();
    enqueueFailure({ runId: 'old' }, project.path('.claude/telemetry-failed.json'));
    const agent = scriptedAgent({ acts: { alex: [[{ hang: true }]] } });
    const started = start(argumentsFor(project, [], agent.runner), {
      cwd: project.root,
      env: { ...WAIT, MURMUR8_TELEMETRY_URL: receiver.url },
    });
    // The agent of stage one never ends, so what arrives was sent before the end of the run.
    await receiver.count(1);
    expect(receiver.runIds()).toEqual(['old']);
    await expect
      .poll(() => project.read('.claude/telemetry-failed.json'), { timeout: 30_000, interval: 20 })
      .toBe('[]');
    await expect.poll(() => agent.notes(), { timeout: 30_000, interval: 20 }).toContain('hanging');
    started.child.kill('SIGINT');
    expect((await started.ended).code).toBe(130);
  });
});

test('an endpoint that never answers does not hold up the exit', async () => {
  const project = aProject();
  const receiver = await receive(hangBeforeHeaders);
  const ended = await implement(project, receiver.url, ['--pause-after', 'alex'], {});
  expect(ended.code).toBe(3);
  // The request arrives at its own time, and nobody has answered it: the exit cannot have waited for that.
  await receiver.count(1);
  expect(project.filesBelow('.claude/telemetry-outbox')).toHaveLength(1);
  await receiver.close();
  await expect
    .poll(() => project.has('.claude/telemetry-failed.json'), { timeout: 30_000, interval: 20 })
    .toBe(true);
});

test('seed 004, story telemetry-activation: without a URL there is no request, no file, no word', async () => {
  const project = aProject();
  project.write('.env', '# MURMUR8_TELEMETRY_URL=https://example.com\n');
  await implement(project, '', ['--pause-after', 'alex']);
  expect(existsSync(project.path('.claude/telemetry-outbox'))).toBe(false);
  expect(existsSync(project.path('.claude/telemetry-failed.json'))).toBe(false);
});

test('seed 004, story telemetry-activation: the address and key of .env are used, and never shown or committed', async () => {
  const project = aProject();
  const receiver = await receive();
  project.write('.env', `MURMUR8_TELEMETRY_URL=${receiver.url}\nMURMUR8_TELEMETRY_KEY=sk-very-secret-1234\n`);
  const ended = await murmur8(argumentsFor(project, []), { cwd: project.root, env: WAIT });
  expect(ended.code).toBe(0);
  expect(receiver.received[0]?.headers.authorization).toBe('Bearer sk-very-secret-1234');
  expect(ended.stdout + ended.stderr).not.toContain('sk-very-secret');
  expect(project.committed()).not.toContain('.env');
  for (const file of project.filesBelow('.claude'))
    expect(project.read(file)).not.toContain('sk-very-secret');
});

/** Output without what differs between any two runs. */
function plain({ code, stdout, stderr }: Ended): unknown {
  const text = (stdout + stderr)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replaceAll(/\d+(\.\d+)? ?m?s\b/g, '<time>');
  return { code, text };
}
